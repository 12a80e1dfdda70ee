#!/bin/sh
# Installs or updates Nazorat on a machine with systemd; run it as root. Running it twice does no harm.
#
#   ./install.sh [BINARY]      copies the binary (default: ./nazorat beside this script), user, unit, folders; starts it
#   ./install.sh --gateway TOKEN [BINARY]
#                              the same for the box of a branch, which joins with the token of the page Gateways;
#                              an update needs no token: ./install.sh --gateway "" [BINARY]
#   ./install.sh --uninstall   stops it and removes the binary and the unit; data and configuration stay
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# A prefix, so that the files can be laid out for an image instead of the running system.
root=${DESTDIR:-}
binary=$root/usr/local/bin/nazorat
units=$root/etc/systemd/system
service=nazorat.service
config=$root/etc/nazorat
data=$root/var/lib/nazorat

say() { printf '%s\n' "$*" >&2; }
fail() { say "install.sh: $*"; exit 1; }

# Only where systemd runs this very system.
manage() {
    if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl "$@"; fi
}

# Copied beside the old file and renamed: a running binary cannot be written to, and a power cut leaves one of the two.
place() {
    install -D -m "$1" "$2" "$3.new"
    mv -f "$3.new" "$3"
}

uninstall() {
    manage disable --now nazorat.service nazorat-gateway.service 2>/dev/null || true
    rm -f "$units/nazorat.service" "$units/nazorat-gateway.service" "$binary"
    manage daemon-reload
    say "Nazorat is removed. Its data is still in $data, its configuration in $config."
}

install_all() {
    source=${1:-$here/nazorat}
    [ -f "$source" ] || fail "there is no binary at $source; name it: ./install.sh PATH"
    # Asked before anything is replaced: a running appliance is not exchanged for one that would not start.
    if [ -z "$root" ]; then
        "$source" version >/dev/null || fail "$source does not run on this machine"
        if [ -e "$config/nazorat.toml" ]; then
            "$source" config check --config "$config/nazorat.toml" >&2 || fail "the new version refuses $config/nazorat.toml"
        fi
    fi
    if [ -z "$root" ] && ! getent passwd nazorat >/dev/null; then
        useradd --system --user-group --no-create-home --home-dir /var/lib/nazorat --shell /usr/sbin/nologin nazorat
    fi
    place 0755 "$source" "$binary"
    place 0644 "$here/$service" "$units/$service"
    install -d -m 0755 "$config"
    # Never over what the administrator wrote.
    if [ ! -e "$config/nazorat.toml" ]; then
        # An empty file means the defaults; the one beside this script explains them.
        template=/dev/null
        if [ -f "$here/nazorat.toml" ]; then template=$here/nazorat.toml; fi
        install -m 0644 "$template" "$config/nazorat.toml"
    fi
    install -d -m 0700 "$data"
    if [ -z "$root" ]; then chown nazorat:nazorat "$data"; fi
    # The service shows the token when it starts and needs it only once; showing it again does no harm.
    if [ -n "${token:-}" ]; then
        (umask 077 && printf 'NAZORAT_JOIN_TOKEN=%s\n' "$token" >"$config/gateway.env.new")
        mv -f "$config/gateway.env.new" "$config/gateway.env"
    fi
    manage daemon-reload
    manage enable "$service"
    manage restart "$service"
    if [ "$service" = nazorat.service ]; then
        say "Nazorat is installed. The link for the first run is in its log: journalctl -u nazorat"
    else
        say "The gateway is installed. Whether it has joined is in its log: journalctl -u nazorat-gateway"
        say "Agents join it with the code in $data/gateway/join-code; its page is http://THIS-MACHINE:4100"
    fi
}

[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail "run it as root"
case ${1:-} in
    --uninstall) uninstall ;;
    --gateway)
        [ $# -ge 2 ] || fail "name the token: ./install.sh --gateway TOKEN [BINARY]"
        service=nazorat-gateway.service token=$2
        shift 2
        install_all "$@"
        ;;
    --help | -h) sed -n '2,8s/^# \{0,1\}//p' "$0" ;;
    -*) fail "unknown option $1" ;;
    *) install_all "$@" ;;
esac
