#!/usr/bin/env python3
"""Makes the databases that the tests read: documentation addresses only (RFC 5737, RFC 3849), invented owners.

    pip install mmdb-writer==0.2.7 netaddr==1.3.0
    python3 make-databases.py

Every run writes the same bytes but for the build time, which is fixed here after the writer is done.
"""

from pathlib import Path

import mmdb_writer
from netaddr import IPSet

BUILD_EPOCH = 1_750_000_000
FOLDER = Path(__file__).parent / "Databases"


def country(code, name):
    return {"country": {"iso_code": code, "names": {"de": name.upper(), "en": name}}, "continent": {"code": "EU"}}


def asn(number, organisation):
    return {"autonomous_system_number": number, "autonomous_system_organization": organisation}


COUNTRIES = {
    "192.0.2.0/24": country("NL", "Netherlands"),
    "192.0.2.128/25": country("BE", "Belgium"),
    "198.51.100.0/24": country("CH", "Switzerland"),
    # No country, as for a satellite provider: the network is known and the country is not.
    "203.0.113.0/24": {"continent": {"code": "OC"}},
    "2001:db8:1::/48": country("SE", "Sweden"),
    "2001:db8:2::/48": {"country": {"iso_code": "XK"}},
}
SYSTEMS = {
    "192.0.2.0/24": asn(64496, "Example Transit"),
    "198.51.100.0/25": asn(4200000000, "Réseau d'exemple"),
    "2001:db8::/32": asn(64511, "Example Six"),
    "203.0.113.0/24": {"autonomous_system_number": 64500},
}


def write(name, database_type, networks, version=6):
    writer = mmdb_writer.MMDBWriter(
        version, database_type, languages=["de", "en"], description="Synthetic test data", ipv4_compatible=version == 6,
        int_type="u32")
    for network, content in networks.items():
        writer.insert_network(IPSet([network]), content)
    path = FOLDER / name
    writer.to_db_file(str(path))
    fix_build_time(path)


def fix_build_time(path):
    """The value after the key build_epoch is an unsigned number; its bytes become those of BUILD_EPOCH."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"build_epoch") + len(b"build_epoch")
    control = data[at]
    extended = control >> 5 == 0
    size = control & 0x1F
    start = at + (2 if extended else 1)
    data[start:start + size] = BUILD_EPOCH.to_bytes(size, "big")
    path.write_bytes(data)


def main():
    FOLDER.mkdir(exist_ok=True)
    write("country.mmdb", "Synthetic-Country", COUNTRIES)
    write("asn.mmdb", "Synthetic-ASN", SYSTEMS)
    only4 = {network: content for network, content in COUNTRIES.items() if ":" not in network}
    write("country4.mmdb", "Synthetic-Country", only4, version=4)


if __name__ == "__main__":
    main()
