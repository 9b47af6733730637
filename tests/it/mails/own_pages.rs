//! Pages that providers have written themselves, and whose pages people see.

use super::house::{House, page, says};
use crate::program::{body, header, post, signed, xml};

#[test]
fn a_provider_has_its_own_pages_and_those_of_each_platform() {
    let house = House::new("");
    let set = |template: &str, fields: &str| {
        house.done("settemplate", &format!("template={template} {fields}"));
    };
    set(
        "activated-ask",
        "html='<style>p { color: red }</style><p>[[USERNAME]]?</p><form method=\"post\"><button>Yes</button></form>'",
    );
    set("activated-win", "text='Location: https://www.example.com/win'");
    set("activated-already", "text='Location: https://www.example.com/again'");
    set("activated-invalid", "html='<p>[[BRAND]] is sorry.</p>'");
    let register = |name: &str| {
        let fields = format!("username={name} useremail={name}@example.com password=sekret-1234 sendmail=1");
        house.done("registeruser", &fields);
        house.mail(&format!("{name}@example.com"), 1).link("/activate/")
    };
    let (windows, phone) = (register("walter"), register("paula"));
    let reply = house.open(&windows);
    assert!(reply.contains("<p>walter?</p>"), "{reply}");
    let policy =
        header(&house.open_as(&windows, "User-Agent: X (Windows NT 10.0)\r\n"), "content-security-policy")
            .unwrap()
            .to_owned();
    assert!(
        policy.contains("form-action 'self' https:;") && policy.contains("style-src 'sha256-"),
        "{policy}"
    );
    let press = |link: &str, agent: &str| {
        let request =
            format!("POST {link} HTTP/1.1\r\nHost: x\r\nUser-Agent: {agent}\r\nContent-Length: 0\r\n\r\n");
        house.server.send(request.as_bytes())
    };
    let reply = press(&windows, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)");
    assert!(reply.starts_with("HTTP/1.1 303 "), "{reply}");
    assert_eq!((header(&reply, "location"), body(&reply)), (Some("https://www.example.com/win"), ""));
    house.done("loginuser", "username=walter password=sekret-1234");
    let reply = house.open(&windows);
    assert!(reply.starts_with("HTTP/1.1 302 "), "{reply}");
    assert_eq!(header(&reply, "location"), Some("https://www.example.com/again"));
    says(
        &press(&phone, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"),
        200,
        "Your account is active",
    );
    house.done("resettemplate", "template=activated-already");
    says(&house.open(&windows), 200, "Your account is active already");
    // A page that asks cannot lead elsewhere, and one that leads elsewhere says one address.
    for (template, text) in [
        ("activated-ask", "Location: https://www.example.com"),
        ("activated-win", "Location: https://www.example.com/[[USERNAME]]"),
        ("activated-win", "Location: javascript:alert(1)"),
    ] {
        let reply = house.call("settemplate", &format!("template={template} text='{text}'"));
        assert!(reply.contains("-30002"), "{reply}");
    }
    // What a browser would leave out of a page is told when the page is written.
    for (html, why) in [
        ("<p>x</p>\n<script>x</script>", "html, line 2: a page runs no script"),
        ("<p style=\"color: red\">x</p>", "html, line 1: a page has its styles in a &lt;style&gt; element"),
        ("<link href=\"x.css\"/>", "a page fetches nothing but pictures"),
        ("<form method=\"post\"><button>x</button></form>", "only a page that asks has a form"),
    ] {
        let reply = house.call("settemplate", &format!("template=activated-win html='{html}'"));
        assert!(reply.contains("-30002") && reply.contains(why), "{reply}");
    }
}

#[test]
fn the_page_of_a_user_is_that_of_the_users_provider() {
    let more = "[[provider]]\ncode = \"ACME\"\nsettings = { EMAIL.EMAIL_DEFAULT_LANG = \"de\", EMAIL.BRAND_NAME = \"Acme Wolke\" }\n\
        [[service]]\nname = \"acme\"\nprovider = \"ACME\"\naddresses = [\"127.0.0.9\"]\n\
        keys = [{ key = \"0123456789abcdef0123456789abcdef\" }]\n";
    let house = House::new(more);
    let call = |command: &str, fields: &str| {
        let request = xml(command, fields);
        let path = format!("/yvva/api/api.xml?checksum={}", signed(&request));
        house.server.send_from("127.0.0.9", &post(&path, &request))
    };
    call("registeruser", "username=anton useremail=anton@example.com password=sekret-1234 sendmail=1");
    call("settemplate", "template=activated-web language=de html='<p>Hallo [[USERNAME]] von [[BRAND]]</p>'");
    let link = house.mail("anton@example.com", 1).link("/activate/");
    let (_, language, heading) = page(&house.open(&link));
    assert_eq!((language.as_str(), heading.as_str()), ("de", "Konto aktivieren"));
    assert!(house.press(&link, "").contains("<p>Hallo anton von Acme Wolke</p>"));
    assert!(call("loginuser", "username=anton password=sekret-1234").contains("<userdata>"));
}
