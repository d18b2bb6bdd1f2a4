"""The layout, the macros and the error pages render, with WTForms fields and with plain ones."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from flask import render_template_string
from wtforms import BooleanField, Form, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from .harness import create

VOID = {"meta", "link", "input", "img", "br", "hr", "path", "use", "circle", "rect"}


class Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.faults = [], [], []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for key, value in attrs if key == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


@pytest.fixture(scope="module")
def app():
    return create()


@pytest.fixture(scope="module")
def design(app):
    return app.test_client().get("/design").get_data(as_text=True)


def test_the_design_page_is_whole(design):
    page = Balance()
    page.feed(design)
    assert not page.faults
    assert not page.open
    assert len(page.ids) == len(set(page.ids))
    assert design.startswith("<!doctype html>")


def test_every_link_within_the_page_leads_somewhere(design):
    ids = set(re.findall(r'\bid="([^"]+)"', design))
    inside = set(re.findall(r'\bhref="#([\w-]+)"', design)) - {"newer", "older"}
    assert inside <= ids
    assert set(re.findall(r'aria-(?:describedby|labelledby)="([\w-]+)"', design)) <= ids
    assert set(re.findall(r'\bfor="([\w-]+)"', design)) <= ids


@pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 429, 500, 503])
def test_error_pages_say_what_to_do(app, code):
    page = app.test_client().get(f"/error/{code}").get_data(as_text=True)
    assert "01J9-7Q2" in page
    assert page.count("<p>") >= 2
    assert "!" not in re.sub(r"<!doctype|<[^>]+>", "", page)


def test_without_an_actor_the_page_offers_to_sign_in():
    page = create(actor=None, sandbox=False).test_client().get("/design").get_data(as_text=True)
    assert "/sign-in" in page
    assert "Sandbox" not in page


class Address(Form):
    name = StringField("Name", [InputRequired(), Length(max=5, message="At most five letters.")])
    country = SelectField("Country", choices=[SelectChoice("DE", "Germany")])
    line = RadioField("Line", choices=[SelectChoice("a", "Air"), SelectChoice("s", "Sea")])
    terms = BooleanField("Agreed")


def rendered(app, source, **context):
    with app.test_request_context("/"):
        return render_template_string(
            '{% from "macros/forms.html" import field, error_summary, csrf, once with context %}' + source,
            **context,
        )


def test_a_wtforms_field_shows_its_error_and_keeps_what_was_typed(app):
    from werkzeug.datastructures import MultiDict

    form = Address(MultiDict({"name": 'Mara "<Vogel>'}))
    form.validate()
    html = rendered(
        app,
        "{{ error_summary(form) }}{{ field(form.name, help='As on the letterbox', autocomplete='name') }}",
        form=form,
    )
    assert 'href="#name"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="name-help name-error"' in html
    assert 'autocomplete="name"' in html
    assert "Mara &#34;&lt;Vogel&gt;" in html
    assert "At most five letters." in html


def test_every_kind_of_wtforms_field_has_its_label(app):
    form = Address()
    html = rendered(app, "{% for f in form %}{{ field(f) }}{% endfor %}{{ csrf() }}{{ once() }}", form=form)
    assert html.count('type="radio"') == 2
    assert "<legend" in html
    assert 'for="country"' in html
    assert 'name="csrf_token" value="token"' in html
    assert 'name="once" value="once-1"' in html


def test_a_plain_field_escapes_what_people_typed(app):
    plain = SimpleNamespace(
        id="note",
        name="note",
        label="Note",
        type="textarea",
        value="</textarea><b>",
        errors=[],
        required=False,
    )
    html = rendered(app, "{{ field(f) }}", f=plain)
    assert "&lt;/textarea&gt;" in html
    assert "(optional)" in html


def test_an_empty_summary_is_silent(app):
    assert not rendered(app, "{{ error_summary({}) }}{{ error_summary(none) }}").strip()
