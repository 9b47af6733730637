"""A mail server for the tests: it keeps what it is given, one JSON object on each line of its standard output.

Arguments: --cert FILE --key FILE (STARTTLS is offered and required), --tls (encrypted from the first byte),
--login (a password is required), --port N. The recipient decides what happens: refuse@ is refused for good, later@
for now, stall@ gets no answer, hang@ none to its content; cut@ loses the connection when its content shall come, drop@
when it has come, once@ does so the first time only; echo@ is refused with the whole content. A sender not-me@ is refused,
and a sender slow@ waits nine seconds for each answer.
"""

import argparse, asyncio, json, ssl, sys
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr
from aiosmtpd.smtp import SMTP, AuthResult, syntax

arguments = argparse.ArgumentParser()
arguments.add_argument("--cert")
arguments.add_argument("--key")
arguments.add_argument("--tls", action="store_true")
arguments.add_argument("--login", action="store_true")
arguments.add_argument("--port", type=int, default=0)
given = arguments.parse_args()


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def every(mail):
    """All parts, from the outside to the inside."""
    return list(mail.walk())


def faults(mail):
    found = [fault for part in every(mail) for fault in part.defects]
    found += [fault for part in every(mail) for value in part.values() for fault in getattr(value, "defects", [])]
    return [str(fault) for fault in found]


def brand(content):
    """The sender's name, decoded word by word: the newer parser of some versions puts spaces between the words."""
    name, _ = parseaddr(message_from_bytes(content)["from"].replace("\r\n", ""))
    return str(make_header(decode_header(name)))


class Server(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, argument):
        to = (self.envelope.rcpt_tos or [""])[0]
        if to.startswith(("cut@", "hang@")):
            await self.push("354 go on")
            if to.startswith("hang@"):
                await asyncio.sleep(3600)
            return self.transport.abort()
        await super().smtp_DATA(argument)


async def slowly(envelope):
    if envelope.mail_from.startswith("slow@"):
        await asyncio.sleep(9)


class Keep:
    seen = set()

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("not-me@"):
            return "553 5.7.1 not from you"
        envelope.mail_from = address
        await slowly(envelope)
        return "250 OK"

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        say({"hello": hostname, "connection": str(session.peer), "tls": server.transport.get_extra_info("ssl_object") is not None})
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        await slowly(envelope)
        if address.startswith("refuse@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "451 4.7.1 come back later"
        if address.startswith("stall@"):
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        await slowly(envelope)
        to = envelope.rcpt_tos[0]
        if to.startswith("drop@"):
            server.transport.abort()
            return "451 gone"
        if to.startswith("echo@"):
            content = message_from_bytes(envelope.content, policy=default)
            text = content.get_body(("plain",)).get_content().replace("\n", " ")
            return "554 5.7.1 not wanted: " + text[:250]
        mail = message_from_bytes(envelope.content, policy=default)
        parts = [part for part in every(mail) if not part.is_multipart()]
        say({
            "connection": str(session.peer), "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "headers": [[name, str(value)] for name, value in mail.items()],
            "raw": envelope.content.split(b"\r\n\r\n")[0].decode("ascii"),
            "type": mail.get_content_type(), "defects": faults(mail),
            "structure": [part.get_content_type() for part in every(mail)],
            "longest": max(len(line) for line in envelope.content.split(b"\r\n")),
            "ascii": envelope.content.isascii(), "bare": b"\n" in envelope.content.replace(b"\r\n", b""),
            "brand": brand(envelope.content), "senders": [a.addr_spec for a in mail["from"].addresses],
            "parts": [[part.get_content_type(), part.get_content()] for part in parts],
            "login": bool(session.authenticated),
        })
        if to.startswith("once@") and to not in self.seen:
            self.seen.add(to)
            server.transport.abort()
            return "451 gone"
        return "250 kept"


def login(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"post", "geh\u00e4im 1".encode())
    return AuthResult(success=right, handled=right)


context = None
if given.cert:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(given.cert, given.key)
options = {}
if context and not given.tls:
    options = {"tls_context": context, "require_starttls": True}
if given.login:
    options.update(authenticator=login, auth_required=True, auth_require_tls=not given.tls)


async def main():
    loop = asyncio.get_running_loop()
    made = lambda: Server(Keep(), enable_SMTPUTF8=True, **options)
    server = await loop.create_server(made, "127.0.0.1", given.port, ssl=context if given.tls else None)
    say({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
