//! Licences: found, made, changed. Who uses one stands in [`super::license_uses`].

use super::backend::{FromRow, Params, Row, Tx};
use super::users::{self, User};
use crate::call::Call;
use crate::domain::groups;
use crate::domain::licenses::{self, LicenseRef, Product, Status, Terms, Type};
use crate::domain::names;
use crate::domain::time::Time;
use crate::domain::user::UserRef;
use crate::error::{Code, Error, Result, invalid};
use crate::snapshot::Provider;

/// A licence's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct License {
    /// Its row.
    pub id: i64,
    /// Whose licence it is.
    pub provider_id: i64,
    /// Its key.
    pub key: String,
    /// What it is for.
    pub product: Product,
    /// How it is paid for.
    pub kind: Type,
    /// What it allows.
    pub terms: Terms,
    /// The external reference.
    pub reference: String,
    /// The number of the contract.
    pub contract: String,
    /// Who owns it.
    pub holder: Option<i64>,
    /// Its state as it was set; [`License::status`] is the one that counts.
    pub stored: Status,
    /// How many use it, in whatever way.
    pub used: i64,
    /// When it was made.
    pub created: Time,
}

impl License {
    /// The state now.
    pub fn status(&self, call: &Call) -> Status {
        let provider = call.snapshot.provider_by_id(self.provider_id);
        let expiry = provider.is_none_or(|provider| provider.settings.license_expiry);
        self.stored.at(call.now, self.terms.valid_until, expiry)
    }

    /// Refuses with -30211 what is not in force.
    pub fn in_force(&self, call: &Call) -> Result<()> {
        match self.status(call) {
            Status::Inactive => Err(Code::LicenseEnded.say("License is inactive")),
            _ => self.not_ended(call),
        }
    }

    /// Refuses with -30211 what is cancelled or expired.
    pub fn not_ended(&self, call: &Call) -> Result<()> {
        match self.status(call) {
            Status::Active | Status::Inactive => Ok(()),
            Status::Cancelled | Status::Expired => Code::LicenseEnded.refuse(),
        }
    }
}

/// What a new licence starts with.
pub struct NewLicense<'a> {
    /// What it is for.
    pub product: Product,
    /// How it is paid for.
    pub kind: Type,
    /// What it allows.
    pub terms: Terms,
    /// The external reference.
    pub reference: &'a str,
    /// The number of the contract.
    pub contract: &'a str,
    /// Who owns it.
    pub holder: Option<i64>,
}

fn read(row: &Row<'_>) -> FromRow<License> {
    read_from(row, 0)
}

/// A licence from the columns of a row that begin there.
fn read_from(row: &Row<'_>, first: usize) -> FromRow<License> {
    let text = |column: usize| row.get_ref(column).map(|value| value.as_str().unwrap_or_default());
    Ok(License {
        id: row.get(first)?,
        provider_id: row.get(first + 1)?,
        key: row.get(first + 2)?,
        product: Product::parse(text(first + 3)?).unwrap_or(Product::Client),
        kind: Type::parse(text(first + 4)?).unwrap_or(Type::Permanent),
        terms: Terms {
            features: row.get(first + 5)?,
            limit: row.get(first + 6)?,
            valid_until: row.get::<_, Option<i64>>(first + 7)?.map(Time),
        },
        reference: row.get(first + 8)?,
        contract: row.get(first + 9)?,
        holder: row.get(first + 10)?,
        stored: Status::parse(text(first + 11)?).unwrap_or(Status::Inactive),
        used: row.get(first + 12)?,
        created: Time(row.get(first + 13)?),
    })
}

impl Tx<'_> {
    /// The licence in force for a user: the first that is active of the group's, the account's and the user's own.
    pub fn license_in_force(&self, call: &Call, user: &User) -> Result<Option<License>> {
        let (group, account) = self.licenses_beside(user)?;
        let found = |license: Option<i64>| license.map_or(Ok(None), |license| self.license(license));
        let (group, account, own) = (found(group)?, found(account)?, found(user.license_id)?);
        Ok(groups::in_force(group, account, own, |license| license.status(call) == Status::Active))
    }

    /// The licence that the call names, of the authorised provider; else -30203.
    pub fn the_license(&self, call: &Call, id: &LicenseRef) -> Result<License> {
        let found = match id {
            LicenseRef::Key(key) => self.license_of_key(call.provider.id, key)?,
            LicenseRef::Reference(reference) => {
                if !call.provider.settings.license_reference_unique {
                    return Err(invalid(
                        "licensereference identifies a license only where LICENSE/EXT_LICENCE_REF_UNIQUE is True",
                    ));
                }
                let sql =
                    "SELECT id FROM licenses WHERE providerid = $1 AND reference = $2 AND reference <> ''
                           LIMIT 2";
                let ids = self.all(sql, &[&call.provider.id, reference], |row| row.get::<_, i64>(0))?;
                match ids[..] {
                    [] => None,
                    [id] => self.license(id)?,
                    _ => return Err(invalid("licensereference is not unique")),
                }
            }
        };
        found.ok_or_else(|| Code::LicenseUnknown.into())
    }

    /// A licence of the provider by its key.
    pub fn license_of_key(&self, provider: i64, key: &str) -> Result<Option<License>> {
        let sql = "SELECT id, providerid, licensekey, product, type, features, seats, validuntil, reference,
                   contractnumber, holderid, status, used + pooled, created
                   FROM licenses WHERE licensekey = $1 AND providerid = $2";
        self.one(sql, &[&key.to_ascii_uppercase(), &provider], read)
    }

    /// The licence of that row.
    pub fn license(&self, id: i64) -> Result<Option<License>> {
        let sql = "SELECT id, providerid, licensekey, product, type, features, seats, validuntil, reference,
                   contractnumber, holderid, status, used + pooled, created FROM licenses WHERE id = $1";
        self.one(sql, &[&id], read)
    }

    /// Whether the provider has a licence of that reference.
    pub fn license_reference_taken(&self, provider: i64, reference: &str) -> Result<bool> {
        let sql =
            "SELECT 1 FROM licenses WHERE providerid = $1 AND reference = $2 AND reference <> '' LIMIT 1";
        self.any(sql, &[&provider, &reference])
    }

    /// The name of the user who holds a licence, and whether it is that user's default.
    pub fn holder(&self, license: &License) -> Result<Option<(String, bool)>> {
        let sql = "SELECT username, licenseid FROM users WHERE id = $1";
        self.one(sql, &[&license.holder], |row| {
            Ok((row.get(0)?, row.get::<_, Option<i64>>(1)? == Some(license.id)))
        })
    }

    /// The user that the call names, and the licences that the user uses, then those it holds, by their keys; so
    /// many held ones at most. Whoever is named by the name is shown by one statement.
    pub fn the_user_with_licenses(
        &self,
        call: &Call,
        id: &UserRef,
        most: i64,
    ) -> Result<(User, Vec<License>)> {
        let UserRef::Username(name) = id else {
            let user = self.the_user(call, id)?;
            let licenses = self.licenses_of(user.id, most)?;
            return Ok((user, licenses));
        };
        let sql = "SELECT users.id, users.providerid, username, email, password, users.status, language,
                   users.reference, department, authid, licenseid, keyrepository, newsletter, emailbounced,
                   webportal, users.created, lastlogin, modnumber, rights, groupid, accountid, homesite, userkey,
                   licenses.id, licenses.providerid, licensekey, product, type, features, seats, validuntil,
                   licenses.reference, contractnumber, holderid, licenses.status, used + pooled, licenses.created,
                   (SELECT CASE count(*) WHEN 1 THEN max(license_uses.licenseid) END FROM license_uses
                    WHERE license_uses.userid = users.id)
                   FROM users LEFT JOIN licenses ON holderid = users.id
                   WHERE name_key = $1 ORDER BY licensekey LIMIT $2";
        let (mut user, mut held, mut only_used) = (None, Vec::new(), None);
        self.each(sql, &[&names::key(name), &most], |row| {
            if user.is_none() {
                (user, only_used) = (Some(users::read(row)?), row.get::<_, Option<i64>>(37)?);
            }
            if row.get::<_, Option<i64>>(23)?.is_some() {
                held.push(read_from(row, 23)?);
            }
            Ok(true)
        })?;
        let user = self.within(call, Ok(user))?;
        let licenses = self.used_first(user.id, held, only_used)?;
        Ok((user, licenses))
    }

    fn licenses_of(&self, user: i64, most: i64) -> Result<Vec<License>> {
        let held = "SELECT id, providerid, licensekey, product, type, features, seats, validuntil, reference,
                    contractnumber, holderid, status, used + pooled, created
                    FROM licenses WHERE holderid = $1 ORDER BY licensekey LIMIT $2";
        let held = self.all(held, &[&user, &most], read)?;
        self.used_first(user, held, None)
    }

    /// Those that a user uses before those it only holds. Most users use one licence, which they hold: where its
    /// number is known, nothing more is read.
    fn used_first(&self, user: i64, mut held: Vec<License>, only_used: Option<i64>) -> Result<Vec<License>> {
        if let Some(at) = held.iter().position(|license| Some(license.id) == only_used) {
            held[..=at].rotate_right(1);
            return Ok(held);
        }
        let used = "SELECT licenseid FROM license_uses WHERE userid = $1 ORDER BY licenseid";
        let mut licenses = Vec::with_capacity(held.len() + 1);
        for id in self.all(used, &[&user], |row| row.get::<_, i64>(0))? {
            match held.iter().position(|license| license.id == id) {
                Some(at) => licenses.push(held.remove(at)),
                None => licenses.extend(self.license(id)?),
            }
        }
        licenses.append(&mut held);
        Ok(licenses)
    }

    /// A licence as a user gets it without asking, which the user holds and nobody uses.
    pub fn unused_default_license(
        &self,
        provider: i64,
        user: i64,
        features: i64,
        reference: &str,
    ) -> Result<Option<i64>> {
        let sql = "SELECT id FROM licenses WHERE holderid = $1 AND providerid = $2 AND features = $3
                   AND reference = $4 AND product = 'client' AND type = 'permanent' AND seats = 1
                   AND contractnumber = '' AND validuntil IS NULL AND status = 'active' AND used + pooled = 0
                   AND NOT EXISTS (SELECT 1 FROM groups WHERE groups.licenseid = licenses.id)
                   AND NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.licenseid = licenses.id)
                   ORDER BY licensekey LIMIT 1";
        self.one(sql, &[&user, &provider, &features, &reference], |row| row.get(0))
    }

    /// Removes a licence that nobody uses.
    pub fn delete_license(&self, license: i64) -> Result<()> {
        self.change("DELETE FROM licenses WHERE id = $1", &[&license]).map(drop)
    }

    /// Adds a licence.
    pub fn add_license(&self, call: &Call, provider: &Provider, license: &NewLicense<'_>) -> Result<i64> {
        let sql = "INSERT INTO licenses (providerid, licensekey, product, type, features, seats, reference,
                   contractnumber, holderid, status, validuntil, used, pooled, created)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10, 0, 0, $11)
                   ON CONFLICT (licensekey) DO NOTHING RETURNING id";
        let valid_until = license.terms.valid_until.map(|time| time.0);
        // A key is one of 10^12; where it exists already, the next one is drawn.
        for _ in 0..16 {
            let draw = self.notes().keys_drawn;
            self.note(|notes| notes.keys_drawn += 1);
            let key = licenses::key(&provider.code, &call.random(&format!("license key {draw}")));
            let values: Params<'_> = &[
                &provider.id,
                &key,
                &license.product.name(),
                &license.kind.name(),
                &license.terms.features,
                &license.terms.limit,
                &license.reference,
                &license.contract,
                &license.holder,
                &valid_until,
                &call.now.0,
            ];
            if let Some(id) = self.one(sql, values, |row| row.get(0))? {
                self.note(|notes| notes.changes += 1);
                return Ok(id);
            }
        }
        Err(Error::fault("no free licence key was found"))
    }
}
