/** The additional tables of every service on ClickHouse: only its dead letters, because it sends no messages. */
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
];
