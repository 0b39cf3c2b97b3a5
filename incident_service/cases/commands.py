"""`flask cases audit`: are all cases as cases must be? `flask cases import FILE`: past cases of another system.

`flask cases lifecycle`: the table of moves as a page. `flask cases reword`: words to be found by, where they are wrong.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import click
from flask import current_app
from flask.cli import AppGroup

from incident_service import catalogue
from incident_service.cases import importing, lifecycle, sealing
from incident_service.cases.audit import Fault, audit
from incident_service.cases.importing import Outcome, Preset, Remark
from incident_service.cases.importing.files import File, NotReadable, open_file
from incident_service.cases.rewording import write_words_anew
from incident_service.catalogue import BrokenTable
from incident_service.foundation.words import Words, both

cases_commands = AppGroup("cases", help="Cases.")
ORIGIN_CHARACTERS_MAX = 32
LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="What is written to you.")


@cases_commands.command("audit")
@LANGUAGE
def audit_cases(language: str) -> None:
    """Look through history, clocks, dispatches and thanks of every case, verify the chain of each history and all
    signed seals, and name what is wrong."""
    def tell(fault: Fault) -> None:
        click.echo(f"{fault.number}: {fault.says.in_language(language)}")

    cases, faults = audit(tell)
    click.echo(both("已检查 {cases} 件案卷，发现 {faults} 处问题", "{cases} cases looked through, {faults} faults",
                    cases=cases, faults=faults).in_language(language) + _last_seal().in_language(language))
    sys.exit(1 if faults else 0)


def _last_seal() -> Words:
    """What names the last seal, to be kept elsewhere; nothing where nothing was sealed yet."""
    last = sealing.last_seal()
    if last is None:
        return both("", "")
    return both("；封签 {seals} 枚，最后一枚 {digest}", "; {seals} seals, the last is {digest}",
                seals=last.number, digest=sealing.digest(last)[:16])


@cases_commands.command("reword")
@LANGUAGE
def reword_cases(language: str) -> None:
    """Write anew the words of every case that is not found by what it says. Safe to repeat, and beside the service."""
    click.echo(both("已重写 {count} 件案卷的检索词", "the words of {count} cases written anew",
                    count=write_words_anew()).in_language(language))


@cases_commands.command("lifecycle")
def print_lifecycle() -> None:
    """Print which status may follow which, by whom, with what: the page docs/lifecycle.md."""
    click.echo(lifecycle.as_page(), nl=False)


@cases_commands.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--timezone", help="Zone of times without an offset, such as America/New_York.")
@click.option("--preset", "code", help="How the file is read (config/tables/imports.toml); else its columns say it.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A table of presets of your own, written like imports.toml.")
@click.option("--origin", help="Which system the ids belong to, when several share a preset; else the preset's code.")
@click.option("--encoding", default="utf-8-sig", help="Of the file, such as gb18030.")
@LANGUAGE
def import_cases(file: Path, *, timezone: str | None, code: str | None, mapping: Path | None, origin: str | None,
                 encoding: str, language: str) -> None:
    """Take over the past cases in FILE, naming every odd row by its number. A row that cannot be taken makes the exit
    code 1; the others are stored. Safe to repeat: nothing is stored twice."""
    def say(words: Words) -> None:
        click.echo(words.in_language(language))

    try:
        opened = open_file(file, encoding=encoding)
        preset = _preset(opened, code, mapping)
    except (NotReadable, LookupError, BrokenTable) as error:
        say(both("无法读取：{error}", "cannot be read: {error}", error=error))
        sys.exit(1)
    preset = preset._replace(code=origin[:ORIGIN_CHARACTERS_MAX]) if origin else preset
    zone = timezone or preset.timezone or current_app.config["TIME_ZONE"]
    if zone not in available_timezones():
        say(both("没有时区 {zone}", "there is no time zone {zone}", zone=zone))
        sys.exit(1)
    outcome, told = _take_over(opened, preset, ZoneInfo(zone), say)
    say(both("{preset}，无时区时间按 {zone}：新增 {added}，补结案 {closed}，已有 {known}，不在任何区域内 {in_no_area}；"
             "未导入 {refused} 行，提示 {odd} 处",
             "{preset}, times without an offset in {zone}: {added} added, {closed} closed, {known} known, {in_no_area}"
             " of the new ones in no area; {refused} rows not taken, {odd} remarks",
             preset=preset.code, zone=zone, refused=told[False], odd=told[True], **outcome._asdict()))
    sys.exit(1 if told[False] else 0)


def _preset(file: File, code: str | None, mapping: Path | None) -> Preset:
    """How the file is to be read. Raises LookupError, BrokenTable."""
    known = importing.presets() if mapping is None else importing.read_presets(
        mapping, categories=[each.code for each in catalogue.categories()])
    found = known.get(code) if code else importing.preset_of(file.format, file.columns, known.values())
    if found is None or found.format != file.format:
        raise LookupError(f"{file.format} ({', '.join(file.columns)}): {code or '--preset, --mapping'}?")
    return found


def _take_over(file: File, preset: Preset, zone: ZoneInfo,
               say: Callable[[Words], None]) -> tuple[Outcome, Counter[bool]]:
    """Store what the file holds behind a progress bar; and how many remarks there were, by: was the row taken?"""
    told: Counter[bool] = Counter()

    def tell(remark: Remark) -> None:
        told[remark.is_taken] += 1
        say(both("第 {row} 行（{taken}）：{says}", "row {row} ({taken}): {says}", row=remark.row, says=remark.says,
                 taken=both("已导入", "taken") if remark.is_taken else both("未导入", "not taken")))

    with click.progressbar(length=file.length, file=sys.stderr, label=preset.code) as bar:
        outcome = importing.take_over(importing.rows_of(file.records, preset, zone), preset, tell=tell,
                                      advance=lambda row: bar.update(max(0, min(row, file.length) - bar.pos)))
    return outcome, told
