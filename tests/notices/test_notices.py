import smtplib
from email import message_from_bytes

import pytest
from sqlalchemy import select

from daigou.core.db import db, transaction
from daigou.notices import jobs, service
from daigou.notices.models import Notice
from daigou.providers.mail import Smtp, compose
from tests import factories


def told(account, title="Your parcel is on its way", url="/orders/ORD-1"):
    with transaction():
        service.tell(account.id, "parcel.shipped", title, "It left Osaka today.\nWe tell you when it arrives.", url)
    return db.session.execute(select(Notice).filter_by(account_id=account.id)).scalars().all()[-1]


def test_news_are_sealed_mailed_once_and_shown(app, client_of, work):
    account = factories.account()
    notice = told(account)
    assert b"Osaka" not in notice.content_sealed
    assert work() == 1
    mailed = db.session.get_one(Notice, notice.id).mailed_at
    assert mailed is not None
    jobs.mail(str(notice.id))
    db.session.expire_all()
    assert db.session.get_one(Notice, notice.id).mailed_at == mailed
    browser = client_of(account)
    assert "1 unread notice" in browser.get("/account/notices").text
    browser.post("/account/notices/read")
    assert "You have read them all" in browser.get("/account/notices").text


def test_one_sees_ones_own_notices_only(app, client_of):
    told(factories.account(), title="A secret of somebody else")
    assert "secret" not in client_of(factories.account()).get("/account/notices").text


def test_one_time_links_are_mailed_and_never_listed(app, client_of):
    account = factories.account()
    with transaction():
        service.tell(account.id, "account.password", "Choose a new password", "x", "/account/password/secret")
    assert "/account/password/secret" not in client_of(account).get("/account/notices").text


def test_the_mailbox_shows_every_mail_and_its_link(app, client):
    first, second = factories.account(), factories.account()
    told(first, title="To the first")
    notice = told(second, title="To the <second>")
    assert "To the first" in client.get("/sandbox/mailbox").text
    one = client.get("/sandbox/mailbox", query_string={"to": second.email}).text
    assert "To the first" not in one
    assert "To the &lt;second&gt;" in one
    page = client.get(f"/sandbox/mailbox/{notice.id}").text
    assert 'data-mail-link href="/orders/ORD-1"' in page
    assert "No mails yet" in client.get("/sandbox/mailbox?to=nobody@example.test").text
    assert client.get("/sandbox/mailbox/01890a5d-ac96-774b-bcce-b302099a8057").status_code == 404


def test_a_title_can_not_start_a_header_of_its_own():
    mail = compose("Daigou <a@b.test>", "x@y.test", "Hello\r\nBcc: all@y.test", "Body 🦊", "<1@b.test>")
    assert mail["Subject"] == "Hello Bcc: all@y.test"
    assert mail["Bcc"] is None
    assert "🦊" in message_from_bytes(mail.as_bytes()).get_payload(decode=True).decode()


class Server:
    """An SMTP server that says just enough."""

    def __init__(self):
        import socket
        import threading

        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.said = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb") as talk:
            talk.write(b"220 test\r\n")
            talk.flush()
            body = False
            for line in talk:
                self.said.append(line)
                if body:
                    body = line != b".\r\n"
                    answer = None if body else b"250 kept\r\n"
                else:
                    body = line.upper().startswith(b"DATA")
                    answer = (
                        b"354 go\r\n" if body else b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n"
                    )
                if answer:
                    talk.write(answer)
                    talk.flush()

    def stop(self):
        self.thread.join(5)
        self.socket.close()


def test_a_mail_goes_out_over_smtp():
    server = Server()
    Smtp(f"smtp://127.0.0.1:{server.port}", "Daigou <a@b.test>").send("x@y.test", "Hi", "Body", "<1@b.test>")
    server.stop()
    assert b"rcpt TO:<x@y.test>" in b"".join(server.said)
    assert b"Message-ID: <1@b.test>" in b"".join(server.said)


def test_no_password_is_sent_in_the_open():
    server = Server()
    with pytest.raises(smtplib.SMTPNotSupportedError):
        Smtp(f"smtp://user:secret@127.0.0.1:{server.port}", "a@b.test").send("x@y.test", "Hi", "Body", "<1@b.test>")
    server.stop()
    assert b"secret" not in b"".join(server.said)
