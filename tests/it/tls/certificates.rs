//! Certificates that the tests make, good and bad ones, as an operator makes them.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::program::Folder;

/// Runs a line of a shell in the folder.
pub fn sh(folder: &Folder, line: &str) {
    let output = Command::new("sh").args(["-ec", line]).current_dir(&folder.0).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `NAME.key` and `NAME.pem` for this machine, good for so many days; less than none: ended already.
pub fn made(folder: &Folder, name: &str, days: &str) {
    sh(
        folder,
        &format!(
            "umask 077; openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr \
             -subj /CN={name}
             printf 'subjectAltName=IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' > {name}.ext
             openssl x509 -req -in {name}.csr -signkey {name}.key -days {days} -extfile {name}.ext -out {name}.pem"
        ),
    );
}

/// Puts a certificate and its key into the place of another one.
pub fn place(from: &Folder, name: &str, to: &Folder, instead: &str) {
    for end in ["pem", "key"] {
        std::fs::copy(from.0.join(format!("{name}.{end}")), to.0.join(format!("{instead}.{end}"))).unwrap();
    }
}

/// Sets who may read a file.
pub fn mode(folder: &Folder, file: &str, mode: u32) {
    std::fs::set_permissions(folder.0.join(file), std::fs::Permissions::from_mode(mode)).unwrap();
}
