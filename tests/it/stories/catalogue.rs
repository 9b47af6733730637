//! The catalogue of settings against the list that the product promises: every name with its default.

use regserver::domain::settings::{PROVIDER, SERVER, Setting};

/// Of the server.
const OF_SERVER: &str = "RegServerName=regserver RegServerURL= RegServerDescription= RegVersion=4.7.1 DefaultProvider=DEMO \
    APIChecksumSalt= APIAllowSettingDistributor=False AdminConsoleIPAddress= APIRequestLogging=changes \
    APILogRetention=30 AuditRetention=0 ClientPasswordLength=8 ClientUsernameLength=5 \
    RegNameComplexity=printable-unicode UserEmailUnique=True SearchResultsPerPage=50 RequestTimeWindow=0 \
    ReplayProtection=False TemporaryPasswordLifetime=3600 ActivationCodeLifetime=30 InvitationStoragePeriod=30 \
    StoreRegistrationDeviceIPinSeconds=2592000 MaxEmailPerDay=-1 MailSenderEmail= MailSenderHost= SMTPServer= \
    SMTPServerTimeOut=30 ClientSettings= RegServerAPIURL= LoginMaxAttempts=10 LoginMaxInterval=15 \
    LoginSessionTimeout=30 ForceHTTPSUsage=False";

/// Of a provider.
const OF_PROVIDER: &str = "ADMINCONSOLE/LOGIN_IP= ADMINCONSOLE/PROVIDER_LOGIN_IP= ADMINCONSOLE/LOGIN_TWO_FACTOR_AUTH=False \
    API/API_ADMINCONSOLE_LIC_REF= API/API_ALLOW_CHECKSUMERR=False API/API_CREATE_DEFAULT_DEPOT=False \
    API/API_CREATE_DEFAULT_LICENSE=True API/API_REDIRECT= API/API_SEND_EMAIL=False API/API_REQUEST_LOGGING=True \
    CLIENT/CLIENT_SETTINGS= CLIENT/PRE_LOGIN_SETTINGS= CLIENT/EXT_USER_REFERENCE_UNIQUE=False \
    CLIENT/ALLOW_MAGIC_USERNAMES=False CLIENT/ISOLATED_EMAIL_SCOPE=False CLIENT/ALLOW_WEB_PORTAL_ACCESS=permit \
    CLIENT/MASTER_USER= LOGIN/USER_IDENTIFICATION_METHOD=default CSVIMPORT/CSV_IMPORT_DIR= \
    CSVIMPORT/CSV_IDENTITY_COLUMN=username CSVIMPORT/CSV_IMPORT_ACTIVE=False EMAIL/EMAIL_SENDER_EMAIL= \
    EMAIL/EMAIL_ALLOWED_LANG=en,de EMAIL/EMAIL_DEFAULT_LANG=en EMAIL/BRAND_NAME= EMAIL/SUPPORT_EMAIL= \
    HOSTSERVER/HOST_SERVER_NAME= HOSTSERVER/HOST_DEPOT_SIZE=2147483648 HOSTSERVER/HOST_TRAFFIC_SIZE=0 \
    LICENSE/DEFAULT_LICENSEKEY= LICENSE/DEFAULT_FREE_FEATURE=banner LICENSE/DEFAULT_ACCOUNT_FEATURE=professional \
    LICENSE/EXT_LICENCE_REF_UNIQUE=False LICENSE/ENABLE_LICENSE_EXPIRY=True REDIRECT/REDIRECT_DOWNLOAD= \
    REDIRECT/REDIRECT_HOME= REDIRECT/REDIRECT_ORDER= REDIRECT/REDIRECT_FUSE=";

#[track_caller]
fn holds(promised: &str, catalogue: &[Setting]) {
    let mut promised: Vec<&str> = promised.split_whitespace().collect();
    let mut there: Vec<String> =
        catalogue.iter().map(|setting| format!("{}={}", setting.name, setting.default)).collect();
    promised.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, promised);
}

#[test]
fn every_promised_setting_is_there_with_its_default() {
    holds(OF_SERVER, SERVER);
    holds(OF_PROVIDER, PROVIDER);
}
