import { announcement, complaint } from './announcement.js';

const system = { name: 'Rooms' };
const running = { name: 'users', url: 'http://localhost:3000', dataPlace: '/data/postgres' };
const notes = ['staff  staff@seam.local, password s3cret-one (shown this once)'];

it('tells people where everything is, in lines', () => {
  const text = announcement(system, { ...running, notes }, 1_747.6, 'pretty');
  expect(text).toContain(
    'Rooms is ready in 1748 ms\n  api    http://localhost:3000\n  docs   http://localhost:3000/docs\n',
  );
  expect(text).toContain('password s3cret-one');
});

it('is one line of JSON where logs are, with the made-up password, as it stands nowhere else', () => {
  const text = announcement(system, { ...running, notes }, 1, 'json');
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({
    ...{ level: 'info', service: 'users', msg: 'Rooms is ready in 1 ms' },
    ...{ api: 'http://localhost:3000', docs: 'http://localhost:3000/docs', data: '/data/postgres', notes },
  });
});

it('says in the same format why a start fails', () => {
  const text = complaint('PORT 3000 is in use\n  do something', 'json');
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ level: 'fatal', msg: 'PORT 3000 is in use\n  do something' });
  expect(complaint('PORT 3000 is in use', 'pretty')).toBe('PORT 3000 is in use\n');
});
