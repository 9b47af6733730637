//! The file of an exchange: a comment, lines `name: value`, an empty line, the body, `---`, the reply.
//!
//! | line | meaning |
//! |---|---|
//! | `service:` | who calls; without it `portal` |
//! | `address:` | from where, if not from the service's first address |
//! | `through:` | the peer, then the lines of the proxy header, separated by a vertical bar |
//! | `shows:` | in place of a service and its checksum: `nobody`, `key alice`, `key alice users:view`, `session alice`, or with `wrong` behind it; made before all else |
//! | `endpoint: session` | it is sent to `/authentication/session` |
//! | `key:` | signs with that key |
//! | `checksum:` | `missing`, `upper case`, `short`, `long`, or the text that is sent |
//! | `setting:` | `Name=value`, or `CODE GROUP/NAME=value`, stated in the configuration |
//! | `before:` | a call made before, in the one notation; `by shop …`, `pass 60`, `restart` |
//! | `wire: json` | it is sent to the JSON endpoint |
//! | `body: escaped` | the body has bytes written as `\xNN` |

/// One exchange.
#[derive(Debug, Default)]
pub struct Exchange {
    pub service: String,
    pub address: Option<String>,
    pub through: Option<(String, Vec<String>)>,
    /// What is shown in place of a checksum.
    pub shows: Option<String>,
    /// Whether it is sent to the endpoint of sessions.
    pub session: bool,
    pub key: Option<String>,
    pub checksum: String,
    pub json: bool,
    /// Provider or nothing, name, value.
    pub settings: Vec<(String, String, String)>,
    pub before: Vec<String>,
    /// Status, a line feed, the reply, a line feed.
    pub reply: String,
    body: String,
    escaped: bool,
    /// Everything before the reply, as it stands in the file.
    request: String,
}

impl Exchange {
    pub fn read(text: &str) -> Result<Exchange, String> {
        let (request, reply) = text.split_once("\n---\n").ok_or("there is no line ---")?;
        let (head, body) = request.split_once("\n\n").ok_or("there is no empty line before the body")?;
        let mut exchange = Exchange {
            service: "portal".to_owned(),
            checksum: "right".to_owned(),
            reply: reply.to_owned(),
            body: body.to_owned(),
            request: request.to_owned(),
            ..Exchange::default()
        };
        if !head.starts_with("# ") {
            return Err("the first line must say what the exchange shows".to_owned());
        }
        for line in head.lines().filter(|line| !line.starts_with('#')) {
            exchange.take(line)?;
        }
        Ok(exchange)
    }

    fn take(&mut self, line: &str) -> Result<(), String> {
        let (name, value) = line.split_once(": ").ok_or_else(|| format!("what is this: {line}"))?;
        let value = value.to_owned();
        match name {
            "service" => self.service = value,
            "address" => self.address = Some(value),
            "key" => self.key = Some(value),
            "checksum" => self.checksum = value,
            "before" => self.before.push(value),
            "shows" => self.shows = Some(value),
            "endpoint" => self.session = value == "session",
            "wire" => self.json = value == "json",
            "body" => self.escaped = value == "escaped",
            "through" => {
                let mut parts = value.split('|').map(|part| part.trim().to_owned());
                self.through = parts.next().map(|peer| (peer, parts.collect()));
            }
            "setting" => {
                let (name, value) = value.split_once('=').ok_or("a setting needs a value")?;
                let (provider, name) = name.split_once(' ').unwrap_or(("", name));
                self.settings.push((provider.to_owned(), name.to_owned(), value.to_owned()));
            }
            _ => return Err(format!("what is this: {line}")),
        }
        Ok(())
    }

    /// The body as it is sent.
    pub fn bytes(&self) -> Vec<u8> {
        if !self.escaped {
            return self.body.clone().into_bytes();
        }
        let mut parts = self.body.split("\\x");
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            let (digits, rest) = part.split_at(2);
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            bytes.extend_from_slice(rest.as_bytes());
        }
        bytes
    }

    /// The file with another reply.
    pub fn with_reply(&self, reply: &str) -> String {
        format!("{}\n---\n{reply}", self.request)
    }
}
