import type { Mongoose } from 'mongoose';

let mongoose: Mongoose | undefined;

/** Loaded at the first connection: a process without MongoDB does without its 40 MB and quarter of a second. */
export async function loadMongoose(): Promise<Mongoose> {
  return (mongoose ??= (await import('mongoose')).default);
}

/** The driver's classes; none before the first connection, when no error can be one of them either. */
export const loadedDriver = (): Mongoose['mongo'] | undefined => mongoose?.mongo;
