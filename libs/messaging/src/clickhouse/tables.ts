/** The additional tables of every service on ClickHouse: only its dead letters and what was done with them, because it sends no messages. */
export const clickHouseMessagingTables: readonly string[] = [
  `create table if not exists dead_letter (
     message_id String,
     handler String,
     message String,
     reason String,
     attempts UInt32,
     died_at DateTime64(3, 'UTC'),
     version UInt64,
     deleted UInt8
   ) engine = ReplacingMergeTree(version, deleted)
   order by (message_id, handler)
   settings fsync_after_insert = 1, fsync_part_directory = 1`,
  // What letters are listed, found and grouped by, beside the message; for those of an earlier version it is computed.
  `alter table dead_letter
     add column if not exists type String default JSONExtractString(message, 'type'),
     add column if not exists source String default JSONExtractString(message, 'source'),
     add column if not exists correlation_id String default JSONExtractString(message, 'correlationId'),
     add column if not exists failure String default reason,
     add column if not exists history Array(String)`,
  `create table if not exists dead_letter_action (
     id String,
     at DateTime64(3, 'UTC'),
     record String
   ) engine = ReplacingMergeTree
   order by id
   settings fsync_after_insert = 1, fsync_part_directory = 1`,
];
