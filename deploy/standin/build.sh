#!/bin/sh
# Makes the four base images that docker-compose.yml needs from Debian packages, under their official names,
# for networks that reach a Debian mirror but no image registry. Debian 12, as root, docker.io running:
#
#     sh deploy/standin/build.sh [--replace]
#
# It takes the packages from where this machine's apt does; DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR name others.
# The images carry the label org.tallystick.standin=true. An image of the same name that lacks it is the genuine
# one: it stays, unless --replace is given, because a stand-in must never quietly take the place of the real thing.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
suite=bookworm
# mirror_of CODENAME: the first place that apt has packages of this release from.
mirror_of() {
    apt-get indextargets --format '$(CODENAME) $(REPO_URI)' | sed -n "s/^$1 //p" | sort -u | head -n 1
}
mirror=${DEBIAN_MIRROR:-$(mirror_of "$suite")}
security=${DEBIAN_SECURITY_MIRROR:-$(mirror_of "$suite-security")}
label=org.tallystick.standin
replace=${1:-}

complain() {
    echo "standin: $1" >&2
    exit 1
}

# present NAME: is there an image of this name that shall stay as it is?
present() {
    found=$(docker image inspect --format "{{ index .Config.Labels \"$label\" }}" "$1" 2>/dev/null) || return 1
    [ "$found" != true ] || return 1
    [ "$replace" != --replace ] || return 1
    echo "standin: $1 is here already and is no stand-in; left alone"
}

make_debian() {
    root=$(mktemp -d)
    trap 'rm -rf -- "$root"' EXIT
    trap 'exit 1' INT TERM
    # minbase: essential packages and apt, nothing else. debootstrap checks the archive's signature.
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror"
    cp -a "$here/rootfs/." "$root/"
    cat > "$root/etc/apt/sources.list" <<SOURCES
deb $mirror $suite main
deb $mirror $suite-updates main
deb $security $suite-security main
SOURCES
    rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*.log
    rm -rf "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/doc/* "$root"/usr/share/locale/*
    # What belongs to this host, not to the image: its resolver, and an id that must differ in every machine.
    rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
    : > "$root/etc/machine-id"
    tar -C "$root" --numeric-owner --one-file-system -c . |
        docker import --change 'CMD ["bash"]' --change "LABEL $label=true" - "debian:$suite-slim"
}

# make FILE NAME: an image on top of the base. The build uses this machine's network, which reaches the mirror.
make() {
    present "$2" && return
    docker build --network host --label "$label=true" --tag "$2" --file "$here/$1.Dockerfile" "$here"
}

[ -n "$mirror" ] && [ -n "$security" ] || complain "apt has no $suite sources here: set DEBIAN_MIRROR and DEBIAN_SECURITY_MIRROR"
[ "$(id -u)" = 0 ] || complain "debootstrap needs root"
command -v debootstrap > /dev/null || complain "missing: apt-get install debootstrap"
command -v docker > /dev/null || complain "missing: apt-get install docker.io"
docker info > /dev/null 2>&1 || complain "the Docker engine does not answer: is dockerd running?"

present "debian:$suite-slim" || make_debian
make python python:3.11-slim-bookworm
make postgres postgres:15-bookworm
make rabbitmq rabbitmq:3.10
