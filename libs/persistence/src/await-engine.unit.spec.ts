import { awaitEngine, type EngineAttempt } from './await-engine.js';

const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' });

function attempt(answers: readonly (Error | string)[], more: Partial<EngineAttempt<string>> = {}) {
  const lines: string[] = [];
  let next = 0;
  const made: EngineAttempt<string> = {
    engine: 'Redis',
    setting: 'REDIS_URL',
    url: 'redis://user:se@cret@store:6379/2',
    waitMs: 60_000,
    log: (line) => lines.push(line),
    connect: () => {
      const answer = answers[Math.min(next++, answers.length - 1)]!;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    fatalReason: (error) => (String(error).includes('WRONGPASS') ? 'the password is wrong: correct it' : undefined),
    ...more,
  };
  return { lines, tries: () => next, made };
}

test('an unavailable engine is waited for, with one log line that names it', async () => {
  const { made, lines, tries } = attempt([refused, refused, 'connected']);
  expect(await awaitEngine(made)).toBe('connected');
  expect(tries()).toBe(3);
  expect(lines).toEqual(['waiting for Redis at store:6379 (ECONNREFUSED), for at most 60 s']);
});

test('one that stays unavailable is an error that says what to do, without the password', async () => {
  const { made } = attempt([refused], { waitMs: 150 });
  await expect(awaitEngine(made)).rejects.toMatchObject({
    code: 'PERSISTENCE.ENGINE_AWAY',
    message:
      'REDIS_URL: Redis at store:6379 did not answer for 1 s (ECONNREFUSED). ' +
      'Start it, correct REDIS_URL, or wait longer for it with SEAM_WAIT_S.',
  });
});

test('one that refuses is not waited for', async () => {
  const { made, tries } = attempt([new Error('WRONGPASS at redis://user:se@cret@store')]);
  await expect(awaitEngine(made)).rejects.toMatchObject({
    code: 'PERSISTENCE.ENGINE_REFUSED',
    message: 'REDIS_URL: Redis at store:6379: the password is wrong: correct it',
  });
  expect(tries()).toBe(1);
});

test('the URL is removed from a client’s error that quotes it', async () => {
  const { made, lines } = attempt([new Error('cannot reach redis://user:se@cret@store:6379'), 'connected']);
  await awaitEngine(made);
  expect(lines).toEqual(['waiting for Redis at store:6379 (cannot reach …), for at most 60 s']);
});
