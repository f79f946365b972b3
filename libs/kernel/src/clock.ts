/** The source of the current time: decisions get it as a parameter, so that they stay pure and tests can set it. */
export abstract class Clock {
  abstract now(): Date;
}

class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

export const systemClock: Clock = new SystemClock();
