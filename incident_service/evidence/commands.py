"""`flask evidence verify FILE`: whether a bundle is as the installation made it."""

import sys
from pathlib import Path

import click
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.cli import AppGroup

from incident_service.evidence.checking import NoBundle, check
from incident_service.foundation import signing
from incident_service.foundation.words import both

evidence_commands = AppGroup("evidence", help="Evidence bundles.")
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@evidence_commands.command("verify")
@click.argument("file", type=READABLE)
@click.option("--public-key", "key_file", type=READABLE,
              help="PEM file of the installation that made the bundle. Default: this installation's own key.")
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is said is said in it.")
def verify(file: Path, key_file: Path | None, language: str) -> None:
    """Check FILE against its signed manifest, without a database. Exit code 1 when anything differs."""
    key = _key(key_file, language)
    try:
        manifest, differences = check(file, key)
    except NoBundle as none:
        click.echo(none.sentence.in_language(language))
        sys.exit(1)
    for difference in differences:
        click.echo(difference.in_language(language))
    click.echo(both("案卷 {case}（第 {version} 版），{files} 个文件，密钥 {key}；{differences} 处不符",
                    "case {case} (version {version}), {files} files, key {key}; {differences} differences",
                    case=manifest["case"], version=manifest["version"], files=len(manifest["files"]),
                    key=signing.fingerprint(key)[:16], differences=len(differences)).in_language(language))
    sys.exit(1 if differences else 0)


def _key(file: Path | None, language: str) -> Ed25519PublicKey:
    if file is None and not signing.has_key():
        raise click.UsageError(both("请用 --public-key 指明公钥", "Name the public key with --public-key")
                               .in_language(language))
    try:
        return signing.read_public_key(file.read_bytes() if file else signing.public_key().encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        said = both("公钥文件无法使用", "The public key cannot be used")
        raise click.UsageError(said.in_language(language)) from error
