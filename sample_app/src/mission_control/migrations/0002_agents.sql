CREATE TABLE agents (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    mission_id bigint NOT NULL REFERENCES missions (id) ON DELETE CASCADE,
    name       text   NOT NULL,
    UNIQUE (mission_id, name)
);
