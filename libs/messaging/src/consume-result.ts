/** `expired`: its `expiresAt` had passed before it was handled; it had no effect but the answer that it was refused. */
export type ConsumeResult = 'done' | 'duplicate' | 'deferred' | 'dead-lettered' | 'expired';
