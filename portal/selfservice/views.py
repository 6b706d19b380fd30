"""Step 2 and 8 of 8: the journeys' pages. HTTP in, HTTP out; what happens stands in flows.py.

The pages, their templates and what each template is given. Everywhere: `form` is a plain Django form (one
`form.non_field_errors`, one error list a field); an answer with errors has status 422; `title` (str, the heading),
`step` and `steps` (int, "Step 2 of 4"; 0 where there are no steps). From the context processor, everywhere:
`organisation`, `contact` (str, may be empty). `attempt.public_id` stands in the addresses, `attempt.reference` is what
is read out to the helpdesk, `attempt.operation` is "reset", "unlock", "change" or "register".

address (name)                               template                    what it is given
/ (home)                                     selfservice/home.html       closed: str ("" = open), choices: list of
                                                                         {key, url, title, closed: str}
/reset/ (reset) /unlock/ (unlock)            selfservice/who.html        form(name), operation, closed: str
/change/ (change)                            selfservice/change.html     form(name, current, new, confirm), why: str,
                                                                         rules, names: list[str], closed: str
/attempt/<id>/prove/ (prove)                 gates/prove.html            form(offer: radio of handles), attempt, offers:
                                                                         list of {handle, kind, title, icon, hint,
                                                                         minutes, done}, proven: int, needed: int
/attempt/<id>/code/ (code)                   gates/code.html             form(code), attempt, offer (as above + digits:
                                                                         int, sends: bool, help: str), others: bool,
                                                                         resend_in: int seconds, sent: bool
/attempt/<id>/resend/ (resend)  POST         –                           back to (code)
/attempt/<id>/another/ (another)  POST       –                           back to (prove)
/attempt/<id>/password/ (password)           selfservice/password.html   form(new, confirm), attempt, username: str,
                                                                         rules, names: list[str]
/attempt/<id>/unlock/ (unlock-now)           selfservice/unlock.html     form(), attempt
/result/<id>/ (result)                       selfservice/result.html     attempt, state: "waiting" | "done" | "partial" |
                                                                         "not-done" | "unsure", sentence: str, next: list
                                                                         of str, at: datetime | None, retry_url: str,
                                                                         unlocked: bool
/result/<id>/state/ (result-state)           JSON {"state": as above}: ask every 2 s while "waiting" (10 s while
                                             "unsure"), then load (result) again
any page of an attempt that is over          selfservice/ended.html      sentence: str, start_url: str, reference: str
/register/sign-in/ (sign-in)                 selfservice/sign_in.html    form(name, password), closed: str
/register/ (ways)                            selfservice/ways.html       person, factors: list of {id, kind, title, icon,
                                                                         label, hint, state: "ready" | "cooling" |
                                                                         "pending", usable_from, created, last_used:
                                                                         datetime | None, left: int}, missing: str,
                                                                         addable: list of {kind, title, icon, url, text},
                                                                         stepped_up: bool, step_up_url: str, reference
/register/factor/<id>/rename/ (rename)       selfservice/rename.html     form(label), factor
/register/factor/<id>/remove/ (remove)       selfservice/remove.html     form(), factor
/register/sign-out/ (sign-out)  POST         –                           to (home)
/register/add/email/ (add-email)             methods/email/add.html      form(source: radio own|other, address), own_mail
/register/add/email/<id>/ (confirm-email)    methods/email/confirm.html  form(code), factor
/register/add/totp/ (add-totp)               methods/totp/add.html       GET: form() with one button; POST shows qr (inline
                                                                         SVG, safe), groups: list[str] of four, link:
                                                                         otpauth://, account, form(code, factor, secret)
                                                                         which posts to (confirm-totp); a wrong code comes
                                                                         back in the same template
/register/add/backup-codes/                  methods/backup_codes/       GET: form() with one button; POST shows codes:
  (add-backup-codes)                         add.html                    list[str] and form(factor, saved: checkbox) which
                                                                         posts to (confirm-backup-codes)
400, 403, 404, 405, 413, 415, 429, 500, 503  error.html                  title, sentence, status: int, retry_after: int

`rules` is a list of {key, text, number, judge}: key "min-length", "complexity", "name-in-password", "min-age" or
"history-or-filter"; number is the length, the seconds or the count; judge is "page" where the page can tick it off
and "directory" where only the directory can tell. `closed` is a sentence why this can't be used now.
"""
