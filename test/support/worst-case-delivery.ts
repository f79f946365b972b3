import type { Message } from '@seam/kernel';
import type { Delivery } from '@seam/messaging';

/** A small repeatable random source (mulberry32, Tommy Ettinger, public domain): the seed replays the run's choices. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The worst allowed behaviour of a transport: every message is serialised, arrives twice, and both copies are delayed, so
 * that later ones overtake it.
 */
export function worstCaseDelivery(seed: number): Delivery {
  const random = seeded(seed);
  return async (message, deliver) => {
    const bytes = JSON.stringify(message);
    const copy = async (): Promise<void> => {
      await pause(random() * 25);
      await deliver(JSON.parse(bytes) as Message);
    };
    await Promise.all([copy(), copy()]);
  };
}
