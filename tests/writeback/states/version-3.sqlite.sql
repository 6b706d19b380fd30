CREATE TABLE attempts (
	id BLOB NOT NULL,
	directory VARCHAR(64) NOT NULL,
	guid BLOB NOT NULL,
	typed VARCHAR(32) NOT NULL,
	chain VARCHAR(32) NOT NULL,
	decoy BOOLEAN NOT NULL,
	operation VARCHAR(16) NOT NULL,
	state VARCHAR(8) NOT NULL,
	created DOUBLE NOT NULL,
	touched DOUBLE NOT NULL,
	expires DOUBLE NOT NULL,
	reserved_by BLOB,
	refusals INTEGER NOT NULL,
	account VARCHAR(256) NOT NULL,
	mail BLOB,
	first BOOLEAN NOT NULL,
	pwd_last_set BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX attempts_person ON attempts (directory, guid);
CREATE TABLE chains (
	chain BLOB NOT NULL,
	directory VARCHAR(64) NOT NULL,
	guid BLOB NOT NULL,
	at DOUBLE NOT NULL,
	PRIMARY KEY (chain, directory, guid)
);
CREATE INDEX chains_person ON chains (directory, guid);
CREATE TABLE codes (
	attempt BLOB NOT NULL,
	factor BLOB NOT NULL,
	mac BLOB NOT NULL,
	expires DOUBLE NOT NULL,
	tries INTEGER NOT NULL,
	PRIMARY KEY (attempt, factor)
);
CREATE TABLE factors (
	id BLOB NOT NULL,
	directory VARCHAR(64) NOT NULL,
	guid BLOB NOT NULL,
	method VARCHAR(16) NOT NULL,
	state VARCHAR(8) NOT NULL,
	attempt BLOB NOT NULL,
	created DOUBLE NOT NULL,
	confirmed DOUBLE NOT NULL,
	ended DOUBLE NOT NULL,
	secret BLOB,
	destination BLOB,
	box BLOB,
	failures INTEGER NOT NULL,
	last_step BIGINT NOT NULL,
	last_used DOUBLE NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX factors_person ON factors (directory, guid);
CREATE TABLE hits (
	id INTEGER NOT NULL,
	subject VARCHAR(160) NOT NULL,
	at DOUBLE NOT NULL,
	ticket BLOB NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX hits_subject ON hits (subject, at);
CREATE INDEX ix_hits_ticket ON hits (ticket);
CREATE TABLE journal (
	jti BLOB NOT NULL,
	job VARCHAR(32) NOT NULL,
	writes BOOLEAN NOT NULL,
	state VARCHAR(8) NOT NULL,
	owner BLOB NOT NULL,
	received DOUBLE NOT NULL,
	expires DOUBLE NOT NULL,
	attempt BLOB,
	directory VARCHAR(64),
	guid BLOB,
	operation VARCHAR(16),
	locale VARCHAR(35),
	dc VARCHAR(255),
	pwd_last_set BIGINT,
	locked BOOLEAN,
	intended DOUBLE NOT NULL,
	deadline DOUBLE NOT NULL,
	outcome VARCHAR(32),
	facts_kind INTEGER,
	facts BLOB,
	PRIMARY KEY (jti)
);
CREATE INDEX journal_state ON journal (state);
CREATE TABLE marks (
	attempt BLOB NOT NULL,
	method VARCHAR(16) NOT NULL,
	factor BLOB NOT NULL,
	at DOUBLE NOT NULL,
	PRIMARY KEY (attempt, method)
);
CREATE TABLE meta (
	name VARCHAR(32) NOT NULL,
	value VARCHAR(255) NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE outbox (
	id INTEGER NOT NULL,
	"key" BLOB NOT NULL,
	kind VARCHAR(32) NOT NULL,
	locale VARCHAR(35) NOT NULL,
	sealed BLOB NOT NULL,
	due DOUBLE NOT NULL,
	expires DOUBLE NOT NULL,
	tries INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX outbox_due ON outbox (due);
CREATE TABLE tries (
	whose BLOB NOT NULL,
	source VARCHAR(16) NOT NULL,
	began DOUBLE NOT NULL,
	wrong INTEGER NOT NULL,
	in_a_row INTEGER NOT NULL,
	last DOUBLE NOT NULL,
	rests_until DOUBLE NOT NULL,
	PRIMARY KEY (whose, source)
);
CREATE INDEX tries_last ON tries (last);
