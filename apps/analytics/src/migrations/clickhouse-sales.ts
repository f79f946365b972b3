/**
 * Facts as rows: one for each message, however often it was written. All of the key follows from the message, so that
 * its rows meet in one partition and become one. Hour and currency come first: that is how sales are asked for.
 */
export const salesTables: readonly string[] = [
  `create table if not exists sales_fact (
     -- of the UTC hour
     start DateTime('UTC'),
     currency LowCardinality(String),
     type LowCardinality(String),
     -- minor units: what it adds to the revenue, below zero where money went back
     revenue Int64,
     -- why, of a cancellation
     code LowCardinality(String),
     at DateTime64(3, 'UTC'),
     message_id UUID,
     handler LowCardinality(String)
   ) engine = ReplacingMergeTree
   partition by toYYYYMM(start)
   order by (start, currency, message_id, handler)
   settings fsync_after_insert = 1, fsync_part_directory = 1`,
];
