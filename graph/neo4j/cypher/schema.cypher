// What the store keeps beside the kinds of the schema table. Each statement is repeatable.
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT key_key IF NOT EXISTS FOR (n:Key) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT command_id IF NOT EXISTS FOR (n:Command) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT event_aggregate_rev IF NOT EXISTS FOR (n:Event) REQUIRE (n.aggregate, n.rev) IS UNIQUE;
CREATE CONSTRAINT event_seq IF NOT EXISTS FOR (n:Event) REQUIRE n.seq IS UNIQUE;
CREATE CONSTRAINT cursor_consumer IF NOT EXISTS FOR (n:Cursor) REQUIRE n.consumer IS UNIQUE;
CREATE CONSTRAINT sequence_name IF NOT EXISTS FOR (n:Sequence) REQUIRE n.name IS UNIQUE;
CREATE INDEX event_pending IF NOT EXISTS FOR (n:Event) ON (n.pending);
CREATE INDEX key_free IF NOT EXISTS FOR (k:Key) ON (k.free);
CREATE INDEX command_at IF NOT EXISTS FOR (n:Command) ON (n.at);
CREATE INDEX job_at IF NOT EXISTS FOR (n:Job) ON (n.at);
CREATE INDEX entity_due IF NOT EXISTS FOR (n:Entity) ON (n._lane, n._shard, n._next_at);
CREATE INDEX entity_failures IF NOT EXISTS FOR (n:Entity) ON (n._failures);
