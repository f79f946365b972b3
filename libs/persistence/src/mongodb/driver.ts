import type { Mongoose } from 'mongoose';

let mongoose: Mongoose | undefined;

/** Loaded at the first connection: a process without MongoDB saves 40 MB and a quarter of a second. */
export async function loadMongoose(): Promise<Mongoose> {
  return (mongoose ??= (await import('mongoose')).default);
}

/** The driver's classes; undefined before the first connection, when no error can be an instance of them either. */
export const loadedDriver = (): Mongoose['mongo'] | undefined => mongoose?.mongo;
