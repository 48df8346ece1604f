"""Messages as mail systems send them back, each in the manner of one of them."""

MESSAGE_ID = "<fleet-daily.20261123T070000Z.0123456789abcdef01234567@lists.example.org>"
READER = "ann@example.com"


def original(message_id: str = MESSAGE_ID, reader: str = READER) -> str:
    """The headers of a mail of ours, folded as it was sent."""
    return (
        "From: Smart Data Assistant <assistant@example.org>\r\n"
        f"To: {reader}\r\n"
        "Subject: =?utf-8?q?Fleet_=E2=80=93_daily_plan?=\r\n"
        "List-Id: <fleet-daily.lists.example.org>\r\n"
        f"Message-ID:\r\n {message_id}\r\n"
        "Date: Mon, 23 Nov 2026 07:00:00 +0000\r\n"
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset="utf-8"\r\n'
    )


def report(
    status: str,
    kind: str,
    returned: str,
    *,
    words: str = "Your message could not be delivered.",
    sender: str = "MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    headers: str = "",
    type_: str = "message/delivery-status",
) -> bytes:
    """A multipart/report (RFC 6522): words, the fields `status`, and `returned` as `kind`."""
    return (
        f"Return-Path: <>\r\nFrom: {sender}\r\nTo: assistant@example.org\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"{headers}MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary="B1/mx.example.net"\r\n'
        "\r\nThis is a MIME-encapsulated message.\r\n\r\n"
        f"--B1/mx.example.net\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{words}\r\n\r\n"
        f"--B1/mx.example.net\r\nContent-Type: {type_}\r\n\r\n{status}\r\n"
        f"--B1/mx.example.net\r\nContent-Type: {kind}\r\n\r\n{returned}\r\n"
        "--B1/mx.example.net--\r\n"
    ).encode()


def postfix(
    code: str = "5.1.1", action: str = "failed", message_id: str = MESSAGE_ID, reader: str = READER
) -> bytes:
    """Headers of the mail only; fields of the message first, with Postfix's own."""
    status = (
        "Reporting-MTA: dns; mx.example.net\r\nX-Postfix-Queue-ID: 4Z1x2y\r\n"
        "Arrival-Date: Mon, 23 Nov 2026 07:00:01 +0000 (UTC)\r\n\r\n"
        f"Final-Recipient: rfc822; {reader}\r\nOriginal-Recipient: rfc822;{reader}\r\n"
        f"Action: {action}\r\nStatus: {code}\r\nRemote-MTA: dns; mail.example.com\r\n"
        f"Diagnostic-Code: smtp; 550 {code} <{reader}>: Recipient address rejected:\r\n"
        "    User unknown in virtual mailbox table\r\n"
    )
    return report(status, "text/rfc822-headers", original(message_id, reader))


def exchange() -> bytes:
    """The whole mail comes back; the reason in Exchange's words; a status with two figures at the end."""
    status = (
        "Reporting-MTA: dns;AM0PR01MB.eurprd01.example.com\r\n"
        "Received-From-MTA: dns;mx.example.org\r\nArrival-Date: Mon, 23 Nov 2026 07:00:02 +0000\r\n\r\n"
        f"Final-Recipient: rfc822;{READER}\r\nAction: failed\r\nStatus: 5.1.10\r\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP\r\n"
        " address lookup\r\nX-Display-Name: Ann\r\n"
    )
    html = "<html><body>Delivery has failed to these recipients: version 5.7.1 of the page</body></html>"
    return report(
        status,
        "message/rfc822",
        original() + "\r\nThe mail.",
        words=html,
        sender="Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>",
    )


def gmail() -> bytes:
    """Names the mail in References too; the server's answer in several lines; no Original-Recipient."""
    status = (
        "Reporting-MTA: dns; googlemail.example.com\r\nArrival-Date: Mon, 23 Nov 2026 00:00:03 -0800\r\n"
        f"X-Original-Message-ID: {MESSAGE_ID}\r\n\r\n"
        f"Final-Recipient: rfc822; {READER}\r\nAction: failed\r\nStatus: 5.2.1\r\n"
        "Remote-MTA: dns; alt1.example.com. (192.0.2.27, the server for the domain example.com.)\r\n"
        "Diagnostic-Code: smtp; 550-5.2.1 The account that you tried to reach is disabled. Learn\r\n"
        " 550-5.2.1 more at\r\n 550 5.2.1 https://support.example.com/mail a12-20020a - smtp\r\n"
        "Last-Attempt-Date: Mon, 23 Nov 2026 00:00:04 -0800 (PST)\r\n"
    )
    return report(
        status,
        "message/rfc822",
        original() + "\r\nThe mail.",
        sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example.com>",
        headers=f"In-Reply-To: {MESSAGE_ID}\r\nReferences: {MESSAGE_ID}\r\nX-Failed-Recipients: {READER}\r\n",
    )


def without_a_copy() -> bytes:
    """A notification that returns nothing of the mail; only its References name it. No Action, no code."""
    status = (
        f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822;{READER}\r\nStatus: 5.0.0 (undeliverable)\r\n"
    )
    return report(
        status,
        "text/plain",
        "That is all.",
        headers=f"References:\r\n <other@id.example>\r\n {MESSAGE_ID}\r\n",
    )


def international() -> bytes:
    """RFC 6533: an address beyond ASCII, types of their own."""
    status = (
        "Reporting-MTA: dns; mx.example.cn\r\n\r\n"
        "Final-Recipient: utf-8; 安娜@example.cn\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 用户不存在\r\n"
    )
    return report(status, "message/global-headers", original(), type_="message/global-delivery-status")


def exim(code: str = "5.1.1", returned: str = "") -> bytes:
    """Plain text and a copy of the mail below it, no MIME; the code as Exim quotes it."""
    return (
        "Return-path: <>\r\nX-Failed-Recipients: ann@example.com\r\nAuto-Submitted: auto-replied\r\n"
        "From: Mail Delivery System <Mailer-Daemon@mail.example.net>\r\nTo: assistant@example.org\r\n"
        "Subject: Mail delivery failed: returning message to sender\r\n\r\n"
        "This message was created automatically by mail delivery software.\r\n\r\n"
        "A message that you sent could not be delivered to one of its recipients.\r\n"
        "This is a permanent error. Software 4.9.6 at 192.5.1.7 gave up:\r\n\r\n"
        "  ann@example.com\r\n    host mail.example.com [192.0.2.5]\r\n"
        f"    SMTP error from remote mail server after RCPT TO:<ann@example.com>:\r\n"
        f"    550 {code} Unknown user\r\n\r\n"
        "------ This is a copy of your message, including all the headers. ------\r\n\r\n"
        f"{returned or original()}\r\nOur mail mentions the code 550 5.7.1 in its text.\r\n"
    ).encode()


def qmail() -> bytes:
    """QSBMF: the code in brackets at the end of the answer."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: assistant@example.org\r\n"
        "Subject: failure notice\r\n\r\nHi. This is the mail program at mx.example.net.\r\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\r\n\r\n"
        "<ann@example.com>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\n{original()}\r\nThe mail.\r\n"
    ).encode()


def complaint(feedback: str = "abuse", message_id: str = MESSAGE_ID) -> bytes:
    """ARF (RFC 5965), as a provider's feedback loop sends it: the reader's address struck out."""
    status = (
        f"Feedback-Type: {feedback}\r\nUser-Agent: ExampleFBL/1.0\r\nVersion: 1\r\n"
        "Original-Mail-From: <assistant@example.org>\r\nArrival-Date: Mon, 23 Nov 2026 07:00:09 +0000\r\n"
        "Reported-Domain: example.org\r\n"
    )
    return report(
        status,
        "message/rfc822",
        original(message_id, "redacted@example.com") + "\r\nThe mail.",
        sender="feedback@provider.example",
        type_="message/feedback-report",
    ).replace(b"report-type=delivery-status", b"report-type=feedback-report")


def out_of_office() -> bytes:
    """A person's answering machine, which quotes our id and talks of room 5.1.1."""
    return (
        f"Return-Path: <>\r\nFrom: Ann <{READER}>\r\nTo: assistant@example.org\r\n"
        f"Auto-Submitted: auto-replied\r\nIn-Reply-To: {MESSAGE_ID}\r\nSubject: Out of office\r\n\r\n"
        f"I am away (room #5.1.1). Your message {MESSAGE_ID} will be read later.\r\n"
    ).encode()
