//! What kinds of services there are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ServiceKind {
    /// A program that uses the API.
    #[default]
    Api,
    /// A shop.
    Shop,
    /// A web portal.
    WebPortal,
    /// An admin console.
    AdminConsole,
    /// An external authentication service.
    AuthService,
    /// A host server.
    HostServer,
}

impl ServiceKind {
    /// The word of the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Shop => "shop",
            Self::WebPortal => "webportal",
            Self::AdminConsole => "adminconsole",
            Self::AuthService => "authservice",
            Self::HostServer => "hostserver",
        }
    }
}
