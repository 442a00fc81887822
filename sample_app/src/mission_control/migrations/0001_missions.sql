CREATE TABLE missions (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    codename   text        NOT NULL UNIQUE,
    status     text        NOT NULL CHECK (status IN ('planned', 'active', 'done')),
    created_at timestamptz NOT NULL
);
