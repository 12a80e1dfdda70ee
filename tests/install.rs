//! `appliance/install.sh`, laid out under another root so that it touches nothing of this machine.

use std::fs;
use std::path::Path;
use std::process::Command;

fn install(root: &Path, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("appliance/install.sh");
    let output = Command::new(script).args(arguments).env("DESTDIR", root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_update_replaces_the_binary_and_keeps_what_the_administrator_wrote() {
    let dir = tempfile::tempdir().unwrap();
    let (root, binary) = (dir.path().join("root"), dir.path().join("nazorat"));
    fs::write(&binary, "first").unwrap();
    install(&root, &[binary.to_str().unwrap()]);
    let config = root.join("etc/nazorat/nazorat.toml");
    fs::write(&config, "# mine").unwrap();
    fs::write(&binary, "second").unwrap();
    install(&root, &[binary.to_str().unwrap()]);
    assert_eq!(fs::read_to_string(root.join("usr/local/bin/nazorat")).unwrap(), "second");
    assert_eq!(fs::read_to_string(config).unwrap(), "# mine");
    assert!(root.join("etc/systemd/system/nazorat.service").is_file());
}

#[test]
fn uninstalling_keeps_data_and_configuration() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    install(&root, &[env!("CARGO_BIN_EXE_nazorat")]);
    let data = root.join("var/lib/nazorat/nazorat.redb");
    fs::write(&data, "people").unwrap();
    install(&root, &["--uninstall"]);
    assert!(data.is_file());
    assert!(root.join("etc/nazorat/nazorat.toml").is_file());
    assert!(!root.join("usr/local/bin/nazorat").exists());
    assert!(!root.join("etc/systemd/system/nazorat.service").exists());
}

#[test]
fn a_gateway_gets_its_own_service_and_keeps_its_token_to_itself() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("root");
    install(&root, &["--gateway", "nzj_abc", env!("CARGO_BIN_EXE_nazorat")]);
    let units = root.join("etc/systemd/system");
    assert!(units.join("nazorat-gateway.service").is_file() && !units.join("nazorat.service").exists());
    let token = root.join("etc/nazorat/gateway.env");
    assert_eq!(fs::read_to_string(&token).unwrap(), "NAZORAT_JOIN_TOKEN=nzj_abc\n");
    assert_eq!(fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    // An update without a token leaves everything as it is.
    install(&root, &["--gateway", "", env!("CARGO_BIN_EXE_nazorat")]);
    assert!(token.is_file());
    install(&root, &["--uninstall"]);
    assert!(!units.join("nazorat-gateway.service").exists() && token.is_file());
}
