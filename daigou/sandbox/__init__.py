"""The provider sandbox: payments, carrier and exchange rates on 127.0.0.1, with books of their own.

    python -m daigou.sandbox --port 9000 --data DIR --config FILE.json      # port 0 picks a free one

It prints `sandbox: listening on http://127.0.0.1:PORT - no real money` when it is ready, stops on SIGTERM
with code 0, and ends with code 2 and one line when it will not start (a live key in the config or the
environment, damaged books, a port in use). It imports nothing else of ours. DIR holds `journal.jsonl`: one
line per effect, synced before the answer, replayed at the next start.

Point the libraries at it
    stripe.StripeClient(key, base_addresses={"api": URL, "files": URL})   # /v1/…, URL=http://127.0.0.1:PORT
    easypost.EasyPostClient(key, api_base="http://127.0.0.1:PORT/v2")    # weights in oz, sides in inches
    GET /stats/eurofxref/eurofxref-daily.xml, -hist-90d.xml, -hist.csv, -hist.zip    # the ECB's form

Hosted pages (plain HTML forms, no script)
    POST /pay/<cs_…>      outcome = succeed | decline | insufficient_funds | expired_card | three_d_secure
                          | refund_pending | refund_fail | dispute | lost_card | incorrect_cvc | processing_error
                          | velocity | prepaid | unionpay | apple_pay | google_pay | alipay | wechat_pay | paypal
                          | klarna | link | afterpay_clearpay | konbini | bank_transfer | bank_transfer_fail
                          | bank_transfer_never | abandon
                          and, optional, email
    POST /3ds/<pi_…>      outcome = authenticate | fail
    POST /authorize/<pi_…>  outcome = approve | decline | cancel (wallets, PayPal and lenders, who check credit)
    GET  /instructions/<pi_…>  the bank details of a transfer that is awaited
    POST /connect/onboarding/<token>
                          outcome = complete | document | restricted | later; bank = succeed | fail
    POST /identity/start/<token>
                          outcome = verify | selfie_mismatch | document_expired | document_fake | document_type
                          | country | decline | abandon; and, optional, first_name, last_name, country, expires
    POST /pay/<cs_…> of mode=setup: outcome = succeed | decline | expired_card | abandon; funding
    As at Stripe, a session has no payment_intent before the first attempt to pay.

    POST /openid/authorize  email, name, outcome = approve | deny | unverified | wrong_nonce | wrong_audience
                          | wrong_issuer | expired | forged | unsigned | confused (issuer: URL/openid)

Text messages: POST /2010-04-01/Accounts/<sid>/Messages.json, shown at /sms. Breached passwords: GET /range/<prefix>.

Plain pages: /  /books  /books.json  /carrier  /track/<code>  /healthz

Controls (form fields or JSON; answers are JSON, browsers are sent back)
    POST /faults {"match": {"method": "POST", "path": "/v1/refunds"}, "kind": K, "count": 1, "seconds": s}
        before the effect: timeout_before reset status_500 status_429 slow (which holds the idempotency key)
        after it: timeout_after reset_after slow_answer; status_500_saved ("effect": true does it first)
        webhooks, no match: webhook_duplicate webhook_delay webhook_reverse webhook_drop
        `path` takes * as in file names; `holds`, in the match, is a text that the request has in its address or body.
        GET lists what is left, DELETE clears.
    POST /clock advance_seconds=N         moves the sandbox's clock forward; timers that became due run
    POST /controls/idempotency/prune [key=K]            POST /controls/events/<evt_…>/resend
    POST /controls/payments/<pi_…> outcome=succeed|fail (a payment that is processing)
    POST /controls/refunds/<re_…>/fail                  POST /controls/payouts/<po_…>/fail
    POST /controls/disputes charge=ch_… [reason] [amount] [inquiry=true]
    POST /controls/disputes/<du_…> outcome=won|lost
    POST /controls/accounts/<acct_…> outcome=complete|clear|document|restricted|rejected
    POST /controls/trackers/<trk_… or code>
        outcome=step|under_way|information_required|duty_due|release|returned|lost|damaged|deliver

Config (all optional; `config.Settings` has every name and default)
    stripe_secret_key, easypost_key   the only keys that are answered; test keys
    platform_country "JP", settlement_currencies [its own], opening_balance {"jpy": 0}
    openid_clients [{"client_id", "client_secret", "redirect_uris": []}], sms_account, sms_token
    webhooks [{"provider": "stripe" | "easypost", "url", "secret" (or a list of them), "kinds": []}]
    settle_seconds 0, tracker_step_seconds 2 (0: by hand only), async_payment_seconds 5,
    async_refund_seconds 2, automatic_payout_seconds 5, onboarding_seconds 0, dispute_seconds 2,
    refund_overdraft true, refuse_env true
"""
