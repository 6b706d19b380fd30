CREATE TABLE attempts (
	id BYTEA NOT NULL,
	directory VARCHAR(64) NOT NULL,
	guid BYTEA NOT NULL,
	typed VARCHAR(32) NOT NULL,
	chain VARCHAR(32) NOT NULL,
	decoy BOOLEAN NOT NULL,
	operation VARCHAR(16) NOT NULL,
	state VARCHAR(8) NOT NULL,
	created DOUBLE PRECISION NOT NULL,
	touched DOUBLE PRECISION NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	reserved_by BYTEA,
	refusals INTEGER NOT NULL,
	account VARCHAR(256) NOT NULL,
	mail BYTEA,
	first BOOLEAN NOT NULL,
	pwd_last_set BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX attempts_person ON attempts (directory, guid);
CREATE TABLE chains (
	chain BYTEA NOT NULL,
	directory VARCHAR(64) NOT NULL,
	guid BYTEA NOT NULL,
	at DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (chain, directory, guid)
);
CREATE INDEX chains_person ON chains (directory, guid);
CREATE TABLE codes (
	attempt BYTEA NOT NULL,
	factor BYTEA NOT NULL,
	mac BYTEA NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	tries INTEGER NOT NULL,
	PRIMARY KEY (attempt, factor)
);
CREATE TABLE factors (
	id BYTEA NOT NULL,
	directory VARCHAR(64) NOT NULL,
	guid BYTEA NOT NULL,
	method VARCHAR(16) NOT NULL,
	state VARCHAR(8) NOT NULL,
	attempt BYTEA NOT NULL,
	created DOUBLE PRECISION NOT NULL,
	confirmed DOUBLE PRECISION NOT NULL,
	ended DOUBLE PRECISION NOT NULL,
	secret BYTEA,
	destination BYTEA,
	box BYTEA,
	failures INTEGER NOT NULL,
	last_step BIGINT NOT NULL,
	last_used DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX factors_person ON factors (directory, guid);
CREATE TABLE hits (
	id SERIAL NOT NULL,
	subject VARCHAR(160) NOT NULL,
	at DOUBLE PRECISION NOT NULL,
	ticket BYTEA NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX hits_subject ON hits (subject, at);
CREATE INDEX ix_hits_ticket ON hits (ticket);
CREATE TABLE journal (
	jti BYTEA NOT NULL,
	job VARCHAR(32) NOT NULL,
	writes BOOLEAN NOT NULL,
	state VARCHAR(8) NOT NULL,
	owner BYTEA NOT NULL,
	received DOUBLE PRECISION NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	attempt BYTEA,
	directory VARCHAR(64),
	guid BYTEA,
	operation VARCHAR(16),
	locale VARCHAR(35),
	dc VARCHAR(255),
	pwd_last_set BIGINT,
	locked BOOLEAN,
	intended DOUBLE PRECISION NOT NULL,
	deadline DOUBLE PRECISION NOT NULL,
	outcome VARCHAR(32),
	facts_kind INTEGER,
	facts BYTEA,
	PRIMARY KEY (jti)
);
CREATE INDEX journal_state ON journal (state);
CREATE TABLE marks (
	attempt BYTEA NOT NULL,
	method VARCHAR(16) NOT NULL,
	factor BYTEA NOT NULL,
	at DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (attempt, method)
);
CREATE TABLE meta (
	name VARCHAR(32) NOT NULL,
	value VARCHAR(255) NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE outbox (
	id SERIAL NOT NULL,
	key BYTEA NOT NULL,
	kind VARCHAR(32) NOT NULL,
	locale VARCHAR(35) NOT NULL,
	sealed BYTEA NOT NULL,
	due DOUBLE PRECISION NOT NULL,
	expires DOUBLE PRECISION NOT NULL,
	tries INTEGER NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX outbox_due ON outbox (due);
CREATE TABLE tries (
	whose BYTEA NOT NULL,
	source VARCHAR(16) NOT NULL,
	began DOUBLE PRECISION NOT NULL,
	wrong INTEGER NOT NULL,
	in_a_row INTEGER NOT NULL,
	last DOUBLE PRECISION NOT NULL,
	rests_until DOUBLE PRECISION NOT NULL,
	PRIMARY KEY (whose, source)
);
CREATE INDEX tries_last ON tries (last);
