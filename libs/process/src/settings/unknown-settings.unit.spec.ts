import { readSettings } from './settings.js';

it.each([
  ['SEAM_DOR_CODE', 'SEAM_DOOR_CODE'],
  ['SEAM_CODE_OF_DOORS', undefined],
  ['SEAM_LOGFORMAT', 'SEAM_LOG_FORMAT'],
  ['SEAM_PORT', 'PORT'],
  ['SEAM_DATABASE_URL', 'DATABASE_URL'],
  ['seam_peers', 'SEAM_PEERS'],
  ['SEAM_SERVICE', 'SEAM_SERVICES'],
  ['SEAM_DOOR_CODE_FIL', 'SEAM_DOOR_CODE_FILE'],
  ['SEAM_XYZ', undefined],
])('%s is named, and what may be meant', (name, meant) => {
  const said = `${name} is not a setting${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  expect(readSettings({ [name]: 'x' }, { settings: ['SEAM_DOOR_CODE'] }).unknown).toEqual([said]);
});

it('ignores known settings, `_FILE` settings, and names of other programs', () => {
  const environment = { SEAM_LEAVE_S: '1', SEAM_LOG_FILE: '', SEAM_TEST_DATA: '/tmp', SEAMLESS: '1', PATH: '/bin' };
  expect(readSettings(environment).unknown).toEqual([]);
});
