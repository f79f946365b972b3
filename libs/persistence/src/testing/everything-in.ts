import mongoose from 'mongoose';
import pg from 'pg';

/**
 * All rows of all tables of a PostgreSQL database, or all documents of a MongoDB database, as text: for tests that something
 * is stored nowhere. Each table's name leads to its rows; binary columns are hexadecimal.
 *
 * @param url with the database's name
 */
export const everythingIn = (url: string): Promise<ReadonlyMap<string, readonly string[]>> =>
  url.startsWith('mongodb') ? documentsIn(url) : rowsIn(url);

async function rowsIn(connectionString: string): Promise<Map<string, string[]>> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const found = new Map<string, string[]>();
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      found.set(
        name,
        rows.map(({ row }) => row),
      );
    }
    return found;
  } finally {
    await client.end();
  }
}

async function documentsIn(url: string): Promise<Map<string, string[]>> {
  const client = await mongoose.mongo.MongoClient.connect(url, { serverSelectionTimeoutMS: 10_000 });
  try {
    const found = new Map<string, string[]>();
    for (const collection of await client.db().collections()) {
      const documents = await collection.find().toArray();
      found.set(
        collection.collectionName,
        documents.map((document) => mongoose.mongo.BSON.EJSON.stringify(document)),
      );
    }
    return found;
  } finally {
    await client.close();
  }
}
