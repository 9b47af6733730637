//! The settings that calls look at, read once into types.
//!
//! A registration reads a dozen settings; as texts in a map they would be looked up and parsed on every call, and a
//! malformed one would be found by the call that needs it. Here they are read when a snapshot is built, so a bad value
//! or a pair that contradicts itself is refused before it is in force.

use ipnet::IpNet;

use super::words::{Complexity, Identification, Logging, WebPortal};
use super::{Setting, addresses, provider, server};

/// What the server's settings say, as far as calls need it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerSettings {
    /// `RegVersion` `[O]`: the compatibility level in every reply.
    pub reg_version: String,
    /// `RegServerName` `[D]`: what the server is called.
    pub name: String,
    /// `RegServerURL` `[D]`: what links begin with, without a slash at the end; blank if not stated.
    pub server_url: String,
    /// `DefaultProvider` `[D]`: the code of the provider with authority over the server.
    pub default_provider: String,
    /// `APIAllowSettingDistributor` `[D]`: whether a call may name another provider.
    pub allow_distributor: bool,
    /// Whether calls in plain text are refused.
    pub force_encryption: bool,
    /// `AdminConsoleIPAddress` `[D]`: where an external console calls from.
    pub admin_console: Vec<IpNet>,
    /// `ClientPasswordLength` `[D]`: the fewest characters of a new password.
    pub password_length: usize,
    /// `ClientUsernameLength` `[D]`: the fewest characters of a new username.
    pub username_length: usize,
    /// `RegNameComplexity` `[D]`: the characters of a new username.
    pub complexity: Complexity,
    /// `UserEmailUnique` `[O]`: whether an e-mail address may be registered once only.
    pub email_unique: bool,
    /// `SearchResultsPerPage` `[O]`: the rows of a search's page.
    pub page: i64,
    /// `RequestTimeWindow` `[O]`: seconds; 0 = not checked.
    pub request_window: i64,
    /// `ReplayProtection` `[O]`: whether a call is accepted once within the window.
    pub replay_protection: bool,
    /// `TemporaryPasswordLifetime` `[O]`: seconds.
    pub temporary_password_seconds: i64,
    /// `ActivationCodeLifetime` `[O]`: days.
    pub activation_code_days: i64,
    /// `InvitationStoragePeriod` `[D]`: days.
    pub invitation_days: i64,
    /// `MaxEmailPerDay` `[D]`: invitation mails by one user; -1: not counted.
    pub invitations_a_day: i64,
    /// `StoreRegistrationDeviceIPinSeconds` `[D]`: for how long the address of a device's registration is kept.
    pub device_address_seconds: i64,
    /// `LoginMaxAttempts` `[O]`: wrong passwords within the interval.
    pub login_attempts: i64,
    /// `LoginMaxInterval` `[O]`: minutes.
    pub login_interval_minutes: i64,
    /// `APIRequestLogging` `[D]`: which calls the API log keeps.
    pub api_log: Logging,
    /// `APILogRetention` `[O]`: days.
    pub api_log_days: i64,
    /// `AuditRetention` `[O]`: days; 0 = for ever.
    pub audit_days: i64,
    /// `RegServerDescription` `[D]`: a line for administrators; may be blank.
    pub description: String,
    /// `ClientSettings` `[D]`: lines for the clients of every provider.
    pub client_settings: String,
    /// `MailSenderEmail` `[D]`: the sender where the provider states none; may be blank.
    pub sender_email: String,
    /// `MailSenderHost` `[D]`: how the server greets a mail server; may be blank.
    pub sender_host: String,
    /// `SMTPServer` `[O]`: the mail server, as name or name:port; may be blank.
    pub smtp_server: String,
    /// `SMTPServerTimeOut` `[O]`: seconds.
    pub smtp_seconds: i64,
}

/// What a provider's settings say, as far as calls need it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderSettings {
    /// `API/API_ALLOW_CHECKSUMERR` `[D]`: whether a wrong checksum is let through.
    pub allow_checksum_error: bool,
    /// `API/API_ADMINCONSOLE_LIC_REF` `[D]`: the reference of licences made at the console; may be blank.
    pub license_reference_for_console: String,
    /// `API/API_CREATE_DEFAULT_DEPOT` `[D]`: whether a new user gets a depot.
    pub create_default_depot: bool,
    /// `API/API_CREATE_DEFAULT_LICENSE` `[D]`: whether a user without licence gets one.
    pub create_default_license: bool,
    /// `API/API_REQUEST_LOGGING` `[O]`: whether the API log keeps its calls at all.
    pub request_logging: bool,
    /// `API/API_REDIRECT` `[D]`: where callers of other providers are sent; may be blank.
    pub redirect: String,
    /// `API/API_SEND_EMAIL` `[D]`: whether calls of services cause mails where nothing else decides.
    pub send_email: bool,
    /// `CLIENT/EXT_USER_REFERENCE_UNIQUE` `[D]`: whether a reference names one user.
    pub reference_unique: bool,
    /// `CLIENT/ALLOW_MAGIC_USERNAMES` `[D]`: whether a call may state a magic username.
    pub magic_usernames: bool,
    /// `CLIENT/ISOLATED_EMAIL_SCOPE` `[D]`: whether e-mail addresses count for this provider alone.
    pub isolated_email: bool,
    /// `CLIENT/CLIENT_SETTINGS` `[D]`: lines for clients after login.
    pub client_settings: String,
    /// `CLIENT/PRE_LOGIN_SETTINGS` `[D]`: lines for clients before login.
    pub pre_login_settings: String,
    /// `CLIENT/ALLOW_WEB_PORTAL_ACCESS` `[D]`: who may log in through a web portal.
    pub web_portal: WebPortal,
    /// `LOGIN/USER_IDENTIFICATION_METHOD` `[D]`: what `useroremail` means at a login.
    pub identification: Identification,
    /// `EMAIL/EMAIL_SENDER_EMAIL` `[D]`: the sender of mails; blank means the server's.
    pub sender_email: String,
    /// `EMAIL/EMAIL_ALLOWED_LANG` `[O]`: language tags.
    pub allowed_languages: Vec<String>,
    /// `EMAIL/EMAIL_DEFAULT_LANG` `[O]`: one of the allowed.
    pub default_language: String,
    /// `CSVIMPORT/CSV_IDENTITY_COLUMN` `[D]`: the column by which an import knows a user.
    pub import_identity: String,
    /// `CSVIMPORT/CSV_IMPORT_DIR` `[D]`: the hot folder; may be blank.
    pub import_folder: String,
    /// `CSVIMPORT/CSV_IMPORT_ACTIVE` `[O]`: whether new files of the hot folder are imported.
    pub import_active: bool,
    /// `EMAIL/BRAND_NAME` `[O]`: the product's name in mails; blank means the provider's.
    pub brand: String,
    /// `EMAIL/SUPPORT_EMAIL` `[O]`: the address for questions; may be blank.
    pub support_email: String,
    /// `HOSTSERVER/HOST_SERVER_NAME` `[D]`: the URL of the host server; may be blank.
    pub host_server: String,
    /// `HOSTSERVER/HOST_DEPOT_SIZE` `[D]`: bytes.
    pub depot_size: i64,
    /// `HOSTSERVER/HOST_TRAFFIC_SIZE` `[O]`: bytes; 0 = no limit.
    pub traffic_size: i64,
    /// `LICENSE/DEFAULT_LICENSEKEY` `[D]`: the licence that new users share; may be blank.
    pub default_license_key: String,
    /// `LICENSE/DEFAULT_FREE_FEATURE` `[D]`: feature words joined by commas.
    pub default_free_feature: String,
    /// `LICENSE/DEFAULT_ACCOUNT_FEATURE` `[D]`: feature words joined by commas.
    pub default_account_feature: String,
    /// `LICENSE/EXT_LICENCE_REF_UNIQUE` `[D]`: whether a reference names one licence.
    pub license_reference_unique: bool,
    /// `LICENSE/ENABLE_LICENSE_EXPIRY` `[O]`: whether a licence ends with its time.
    pub license_expiry: bool,
    /// `REDIRECT/REDIRECT_DOWNLOAD` `[D]`: where `/redirect/download` leads; may be blank.
    pub redirect_download: String,
    /// `REDIRECT/REDIRECT_HOME` `[O]`: where `/redirect/home` leads; may be blank.
    pub redirect_home: String,
    /// `REDIRECT/REDIRECT_ORDER` `[O]`: where `/redirect/order` leads; may be blank.
    pub redirect_order: String,
    /// `REDIRECT/REDIRECT_FUSE` `[D]`: where `/redirect/fuse` leads; may be blank.
    pub redirect_fuse: String,
}

impl ServerSettings {
    /// Reads them from what was stated; what `get` does not know has its default.
    ///
    /// # Errors
    /// The first setting that cannot be read, or a pair that cannot stand together.
    pub fn from_values(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let of = Values { get, find: server };
        let settings = Self {
            reg_version: of.text("RegVersion")?,
            name: of.text("RegServerName")?,
            server_url: of.text("RegServerURL")?.trim_end_matches('/').to_owned(),
            default_provider: of.text("DefaultProvider")?,
            allow_distributor: of.truth("APIAllowSettingDistributor")?,
            force_encryption: of.truth("ForceHTTPSUsage")?,
            admin_console: addresses::networks(&of.text("AdminConsoleIPAddress")?)?,
            password_length: of.length("ClientPasswordLength")?,
            username_length: of.length("ClientUsernameLength")?,
            complexity: Complexity::read(&of.text("RegNameComplexity")?),
            email_unique: of.truth("UserEmailUnique")?,
            page: of.number("SearchResultsPerPage")?,
            request_window: of.number("RequestTimeWindow")?,
            replay_protection: of.truth("ReplayProtection")?,
            temporary_password_seconds: of.number("TemporaryPasswordLifetime")?,
            activation_code_days: of.number("ActivationCodeLifetime")?,
            invitation_days: of.number("InvitationStoragePeriod")?,
            invitations_a_day: of.number("MaxEmailPerDay")?,
            device_address_seconds: of.number("StoreRegistrationDeviceIPinSeconds")?,
            login_attempts: of.number("LoginMaxAttempts")?,
            login_interval_minutes: of.number("LoginMaxInterval")?,
            api_log: Logging::read(&of.text("APIRequestLogging")?),
            api_log_days: of.number("APILogRetention")?,
            audit_days: of.number("AuditRetention")?,
            description: of.text("RegServerDescription")?,
            client_settings: of.text("ClientSettings")?,
            sender_email: of.text("MailSenderEmail")?,
            sender_host: of.text("MailSenderHost")?,
            smtp_server: of.text("SMTPServer")?,
            smtp_seconds: of.number("SMTPServerTimeOut")?,
        };
        if settings.replay_protection && settings.request_window == 0 {
            return Err("ReplayProtection needs a RequestTimeWindow above 0".to_owned());
        }
        Ok(settings)
    }
}

impl ProviderSettings {
    /// Reads them from what was stated; what `get` does not know has its default.
    ///
    /// # Errors
    /// The first setting that cannot be read, or a pair that cannot stand together.
    pub fn from_values(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let of = Values { get, find: provider };
        let settings = Self {
            allow_checksum_error: of.truth("API/API_ALLOW_CHECKSUMERR")?,
            license_reference_for_console: of.text("API/API_ADMINCONSOLE_LIC_REF")?,
            create_default_depot: of.truth("API/API_CREATE_DEFAULT_DEPOT")?,
            create_default_license: of.truth("API/API_CREATE_DEFAULT_LICENSE")?,
            redirect: of.text("API/API_REDIRECT")?,
            request_logging: of.truth("API/API_REQUEST_LOGGING")?,
            send_email: of.truth("API/API_SEND_EMAIL")?,
            reference_unique: of.truth("CLIENT/EXT_USER_REFERENCE_UNIQUE")?,
            magic_usernames: of.truth("CLIENT/ALLOW_MAGIC_USERNAMES")?,
            isolated_email: of.truth("CLIENT/ISOLATED_EMAIL_SCOPE")?,
            client_settings: of.text("CLIENT/CLIENT_SETTINGS")?,
            pre_login_settings: of.text("CLIENT/PRE_LOGIN_SETTINGS")?,
            web_portal: WebPortal::read(&of.text("CLIENT/ALLOW_WEB_PORTAL_ACCESS")?),
            identification: Identification::read(&of.text("LOGIN/USER_IDENTIFICATION_METHOD")?),
            sender_email: of.text("EMAIL/EMAIL_SENDER_EMAIL")?,
            allowed_languages: of.list("EMAIL/EMAIL_ALLOWED_LANG")?,
            default_language: of.text("EMAIL/EMAIL_DEFAULT_LANG")?,
            import_identity: of.text("CSVIMPORT/CSV_IDENTITY_COLUMN")?,
            import_folder: of.text("CSVIMPORT/CSV_IMPORT_DIR")?,
            import_active: of.truth("CSVIMPORT/CSV_IMPORT_ACTIVE")?,
            brand: of.text("EMAIL/BRAND_NAME")?,
            support_email: of.text("EMAIL/SUPPORT_EMAIL")?,
            host_server: of.text("HOSTSERVER/HOST_SERVER_NAME")?,
            depot_size: of.number("HOSTSERVER/HOST_DEPOT_SIZE")?,
            traffic_size: of.number("HOSTSERVER/HOST_TRAFFIC_SIZE")?,
            default_license_key: of.text("LICENSE/DEFAULT_LICENSEKEY")?,
            default_free_feature: of.text("LICENSE/DEFAULT_FREE_FEATURE")?,
            default_account_feature: of.text("LICENSE/DEFAULT_ACCOUNT_FEATURE")?,
            license_reference_unique: of.truth("LICENSE/EXT_LICENCE_REF_UNIQUE")?,
            license_expiry: of.truth("LICENSE/ENABLE_LICENSE_EXPIRY")?,
            redirect_download: of.text("REDIRECT/REDIRECT_DOWNLOAD")?,
            redirect_home: of.text("REDIRECT/REDIRECT_HOME")?,
            redirect_order: of.text("REDIRECT/REDIRECT_ORDER")?,
            redirect_fuse: of.text("REDIRECT/REDIRECT_FUSE")?,
        };
        settings.agrees_with_itself()?;
        Ok(settings)
    }

    fn agrees_with_itself(&self) -> Result<(), String> {
        if self.license_reference_unique && !self.license_reference_for_console.is_empty() {
            return Err(
                "LICENSE/EXT_LICENCE_REF_UNIQUE cannot be True while API/API_ADMINCONSOLE_LIC_REF is set"
                    .to_owned(),
            );
        }
        if !self.allowed_languages.contains(&self.default_language) {
            return Err("EMAIL/EMAIL_DEFAULT_LANG must be one of EMAIL/EMAIL_ALLOWED_LANG".to_owned());
        }
        Ok(())
    }
}

/// Stated values with the catalogue behind them.
struct Values<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    find: fn(&str) -> Option<&'static Setting>,
}

impl Values<'_> {
    fn text(&self, name: &str) -> Result<String, String> {
        let setting = (self.find)(name).ok_or_else(|| format!("there is no setting {name}"))?;
        match (self.get)(name) {
            Some(value) => setting.check(&value).map_err(|fault| format!("{name} {fault}")),
            None => Ok(setting.default.to_owned()),
        }
    }

    fn truth(&self, name: &str) -> Result<bool, String> {
        Ok(self.text(name)? == "True")
    }

    fn number(&self, name: &str) -> Result<i64, String> {
        self.text(name)?.parse().map_err(|_| format!("{name} must be a whole number"))
    }

    fn length(&self, name: &str) -> Result<usize, String> {
        usize::try_from(self.number(name)?).map_err(|_| format!("{name} must not be negative"))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, String> {
        Ok(self.text(name)?.split(',').map(ToOwned::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::super::Kind;
    use super::*;

    type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

    /// Reads the defaults and gives the names that were asked for.
    fn asked<T>(read: fn(Get<'_>) -> Result<T, String>) -> Vec<String> {
        let names = RefCell::new(Vec::new());
        let read = read(&|name| {
            names.borrow_mut().push(name.to_owned());
            None
        });
        assert!(read.is_ok(), "the defaults must be readable");
        names.into_inner()
    }

    #[test]
    fn every_name_that_is_read_is_in_the_catalogue() {
        let server_names = asked(ServerSettings::from_values);
        let provider_names = asked(ProviderSettings::from_values);
        assert!(server_names.iter().all(|name| server(name).is_some()));
        assert!(provider_names.iter().all(|name| provider(name).is_some()));
    }

    #[test]
    fn the_words_of_complexity_are_those_of_the_catalogue() {
        let Some(Kind::OneOf(words)) = server("RegNameComplexity").map(|setting| setting.kind) else {
            panic!("RegNameComplexity is a choice");
        };
        let read: Vec<Complexity> = words.iter().map(|row| Complexity::read(row[0])).collect();
        assert_eq!(read, [Complexity::BasicAscii, Complexity::NonSpaceAscii, Complexity::PrintableUnicode]);
    }

    fn stated<'a>(values: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        move |name| values.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn stated_values_are_read_whatever_their_spelling() {
        let values = [
            ("RegServerURL", "https://reg.example.com/"),
            ("UserEmailUnique", "$false"),
            ("RequestTimeWindow", "300"),
            ("ReplayProtection", "1"),
        ];
        let settings = ServerSettings::from_values(&stated(&values));
        assert_eq!(settings.as_ref().map(|s| s.server_url.as_str()), Ok("https://reg.example.com"));
        assert_eq!(
            settings.map(|s| (s.email_unique, s.request_window, s.replay_protection)),
            Ok((false, 300, true))
        );
    }

    #[test]
    fn pairs_that_contradict_each_other_are_refused() {
        let server = |values: &[(&str, &str)]| ServerSettings::from_values(&stated(values)).err();
        let provider = |values: &[(&str, &str)]| ProviderSettings::from_values(&stated(values)).err();
        assert_eq!(
            server(&[("ReplayProtection", "True")]).as_deref(),
            Some("ReplayProtection needs a RequestTimeWindow above 0")
        );
        let reference = ("API/API_ADMINCONSOLE_LIC_REF", "console");
        let unique = ("LICENSE/EXT_LICENCE_REF_UNIQUE", "True");
        assert_eq!(provider(&[reference]), None);
        assert_eq!(provider(&[unique]), None);
        assert!(provider(&[reference, unique]).is_some_and(|fault| fault.contains("cannot be True while")));
        assert!(provider(&[("EMAIL/EMAIL_DEFAULT_LANG", "fr")]).is_some());
        assert_eq!(
            server(&[("UserEmailUnique", "yes")]).as_deref(),
            Some("UserEmailUnique must be True or False")
        );
    }
}
