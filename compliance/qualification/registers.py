"""Numbers that businesses have, country by country: python-stdnum's checks, and our own forms beyond."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from daigou.core.i18n import lazy

EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberForm:
    """One register: python-stdnum's ``module``, or a ``pattern`` of ours where only the form can be looked at."""

    module: str
    name: str
    example: str
    pattern: str = ""
    explained: object = ""

    def verdict(self, number: str) -> str:
        """pass or fail by form and check digit; unknown when the form is right and no check digit is known."""
        if self.pattern:
            return "unknown" if re.fullmatch(self.pattern, re.sub(r"[\s.-]", "", number).upper()) else "fail"
        module = importlib.import_module(f"stdnum.{self.module}")
        further = _FURTHER.get(self.module)
        return "pass" if module.is_valid(number) and (further is None or further(number)) else "fail"

    def fault(self) -> object:
        """What to say of a number that is wrong."""
        if self.pattern:
            return lazy(
                "This does not have the form of a %(name)s. %(form)s One looks like %(example)s.",
                name=self.name, form=self.explained, example=self.example,
            )  # fmt: skip
        return lazy(
            "This is no valid %(name)s: its length or check digit is wrong. One looks like %(example)s.",
            name=self.name,
            example=self.example,
        )


def _korean_digit(number: str) -> bool:
    """The last digit of a 사업자등록번호, which python-stdnum leaves unchecked: weights 1 3 7 1 3 7 1 3 5."""
    digits = [int(c) for c in number if c.isdigit()]
    total = sum(digit * weight for digit, weight in zip(digits, (1, 3, 7, 1, 3, 7, 1, 3, 5), strict=False))
    return (10 - (total + digits[8] * 5 // 10) % 10) % 10 == digits[9]


_FURTHER: dict[str, Callable[[str], bool]] = {"kr.brn": _korean_digit}


def _form(module: str, name: str, example: str) -> NumberForm:
    return NumberForm(module, name, example)


# The register of businesses of each country. Examples are those of python-stdnum's own tests, or made to its rule.
# fmt: off
REGISTERS = {
    "AE": NumberForm("", "Trade licence number", "CN-1234567", r"(CN|IN)?\d{5,10}",
                     lazy("It has five to ten digits, in Abu Dhabi after CN or IN.")),
    "AR": _form("ar.cuit", "CUIT", "20-05536168-2"),
    "AT": _form("at.businessid", "Firmenbuchnummer", "FN 122119m"),
    "AU": _form("au.abn", "ABN", "51 824 753 556"),
    "BE": _form("be.vat", "Ondernemingsnummer", "BE 428759497"),
    "BG": _form("bg.vat", "ЕИК", "175074752"),
    "BR": _form("br.cnpj", "CNPJ", "16.727.230/0001-97"),
    "CA": _form("ca.bn", "BN", "12302 6635"),
    "CH": _form("ch.uid", "UID", "CHE-100.155.212"),
    "CL": _form("cl.rut", "RUT", "76086428-5"),
    "CN": _form("cn.uscc", "统一社会信用代码", "9111 0000 6000 3734 1L"),
    "CO": _form("co.nit", "NIT", "213.123.432-1"),
    "CY": _form("cy.vat", "ΦΠΑ", "CY-10259033P"),
    "CZ": _form("cz.dic", "IČO / DIČ", "25123891"),
    "DE": _form("de.handelsregisternummer", "Handelsregisternummer", "Aachen HRA 11223"),
    "DK": _form("dk.cvr", "CVR", "DK 13585628"),
    "EE": _form("ee.registrikood", "Registrikood", "12345678"),
    "ES": _form("es.nif", "NIF", "54362315-K"),
    "FI": _form("fi.ytunnus", "Y-tunnus", "2077474-0"),
    "FR": _form("fr.siren", "SIREN", "552 008 443"),
    "GB": _form("gb.utr", "UTR", "1955839661"),
    "GR": _form("gr.vat", "ΑΦΜ", "EL 094259216"),
    "HK": NumberForm("", "商業登記號碼", "12345678-000", r"\d{8}(\d{3}(\d{4}[0-9A-Z])?)?",
                     lazy("It has eight digits; the branch, the month and the check digit may follow.")),
    "HR": _form("hr.oib", "OIB", "HR 33392005961"),
    "HU": _form("hu.anum", "Adószám", "HU-12892312"),
    "ID": _form("id.npwp", "NPWP", "01.312.166.0-091.000"),
    "IE": _form("ie.vat", "Tax reference number", "IE 6433435F"),
    "IL": _form("il.hp", "ח.פ.", "516179157"),
    "IN": _form("in_.gstin", "GSTIN", "27AAPFU0939F1ZV"),
    "IS": _form("is_.kennitala", "Kennitala", "450401-3150"),
    "IT": _form("it.iva", "Partita IVA", "00743110157"),
    "JP": _form("jp.cn", "法人番号", "5-8356-7825-6246"),
    "KR": _form("kr.brn", "사업자등록번호", "116-82-00276"),
    "LT": _form("lt.pvm", "PVM", "119511515"),
    "LU": _form("lu.tva", "TVA", "LU 150 274 42"),
    "LV": _form("lv.pvn", "PVN", "LV 4000 3521 600"),
    "MT": _form("mt.vat", "VAT", "MT 1167-9112"),
    "MX": _form("mx.rfc", "RFC", "GODE 561231 GR8"),
    "NL": _form("nl.btw", "Btw-identificatienummer", "004495445B01"),
    "NO": _form("no.orgnr", "Organisasjonsnummer", "988 077 917"),
    "NZ": _form("nz.ird", "IRD number", "4909185-0"),
    "PE": _form("pe.ruc", "RUC", "20512333797"),
    "PL": _form("pl.nip", "NIP", "PL 8567346215"),
    "PT": _form("pt.nif", "NIF", "PT 501 964 843"),
    "RO": _form("ro.cui", "CUI", "185 472 90"),
    "RS": _form("rs.pib", "ПИБ", "101134702"),
    "SE": _form("se.orgnr", "Organisationsnummer", "1234567897"),
    "SG": _form("sg.uen", "UEN", "00192200M"),
    "SI": _form("si.ddv", "Davčna številka", "SI 5022 3054"),
    "SK": _form("sk.dph", "IČ DPH", "SK 202 274 96 19"),
    "TH": _form("th.tin", "TIN", "1-2345-45678-78-1"),
    "TR": _form("tr.vkn", "VKN", "4540536920"),
    "TW": _form("tw.ubn", "統一編號", "00501503"),
    "UA": _form("ua.edrpou", "ЄДРПОУ", "32855961"),
    "US": _form("us.ein", "EIN", "04-2103594"),
    "VN": _form("vn.mst", "MST", "0100233488"),
    "ZA": _form("za.tin", "TIN", "0001339050"),
}

IBAN = _form("iban", "IBAN", "GR16 0110 1050 0000 1054 7023 795")
LEI = _form("lei", "LEI", "213800KUD8LAJWSQ9D15")
EU_VAT = _form("eu.vat", "EU VAT number", "BE697449992")
GB_VAT = _form("gb.vat", "UK VAT number", "GB 980 7806 84")
# No check digit is published: Regulation (EU) 2015/2447 annex A, and HMRC's form of twelve digits after GB or XI.
EORI = NumberForm("", "EORI", "DE123456789012345", r"((GB|XI)\d{12}|(?!GB|XI)[A-Z]{2}[A-Z0-9]{1,15})",
                  lazy("It begins with the two letters of its country; up to 15 letters and digits follow."))
AE_TRN = NumberForm("", "TRN", "100123456700003", r"1\d{14}", lazy("It has fifteen digits and begins with 1."))
# fmt: on

_TAX = {"GB": GB_VAT, "AE": AE_TRN, "IN": REGISTERS["IN"], "AU": REGISTERS["AU"], "US": REGISTERS["US"]}


def number_forms(country: str) -> dict[str, NumberForm]:
    """The further numbers that can be checked for a country. A tax number without a rule is compared by hand."""
    forms = {"eori": EORI, "iban": IBAN, "lei": LEI}
    tax = EU_VAT if country in EU else _TAX.get(country)
    return forms if tax is None else {**forms, "tax_number": tax}
