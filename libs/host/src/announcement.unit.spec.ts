import { announcement, failureText } from './announcement.js';

const system = { name: 'Rooms' };
const running = { name: 'users', url: 'http://localhost:3000', dataPlace: '/data/postgres' };
const notes = ['staff  staff@seam.local, password s3cret-one (shown this once)'];

it('lists the URLs and the data directory as lines for people', () => {
  const text = announcement(system, { ...running, notes }, 1_747.6, 'pretty');
  expect(text).toContain(
    'Rooms is ready in 1748 ms\n  api    http://localhost:3000\n  docs   http://localhost:3000/docs\n',
  );
  expect(text).toContain('password s3cret-one');
});

it('is one line of JSON if logs are JSON, with the generated password, which is shown nowhere else', () => {
  const text = announcement(system, { ...running, notes }, 1, 'json');
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({
    ...{ level: 'info', service: 'users', msg: 'Rooms is ready in 1 ms' },
    ...{ api: 'http://localhost:3000', docs: 'http://localhost:3000/docs', data: '/data/postgres', notes },
  });
});

it('reports in the same format why a start fails', () => {
  const text = failureText('PORT 3000 is in use\n  do something', 'json');
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ level: 'fatal', msg: 'PORT 3000 is in use\n  do something' });
  expect(failureText('PORT 3000 is in use', 'pretty')).toBe('PORT 3000 is in use\n');
});
