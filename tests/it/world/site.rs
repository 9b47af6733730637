//! A site as its program sees it: its key, its secret, and the users it knows by their keys.

use super::{Party, STRANGE, World};

/// A site.
pub struct Site<'w> {
    pub world: &'w World,
    pub key: String,
    pub secret: String,
}

impl<'w> Site<'w> {
    /// The site itself, which acts for nobody.
    pub fn alone(&self) -> Party<'w> {
        Party::signing(self.world, Some(&self.key), None, &self.secret)
    }

    /// The site acting for whoever has that public key.
    pub fn acting_for(&self, userkey: &str) -> Party<'w> {
        Party::signing(self.world, Some(&self.key), Some(userkey), &self.secret)
    }

    /// The site acting for a user of the usual provider.
    pub fn of(&self, username: &str) -> Party<'w> {
        let userkey = self.world.call(&format!("getuserdata username={username}")).done().text("userkey");
        self.acting_for(&userkey)
    }

    /// Registers a user of the site, who has then activated the account; the user's public key.
    pub fn registers(&self, username: &str) -> String {
        let fields = format!("username={username} useremail={username}@example.com password=sekret-1234");
        let made = self.alone().ask("registeruser", &fields).done();
        self.world.call("activateuser activationcode={code}").done();
        made.text("userkey")
    }

    /// Lets the site act for a user, who says so in a session that the password has opened.
    pub fn authorised_by(&self, username: &str, password: &str) {
        let session = format!("username={username} password={password}");
        let session = self.world.stranger().session(&session, STRANGE);
        session.ask("authorisesite", &format!("username={username} site={}", self.key)).done();
    }
}
