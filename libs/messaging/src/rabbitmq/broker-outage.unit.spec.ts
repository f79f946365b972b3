import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { BrokerOutage } from './broker-outage.js';

it('logs an outage in two lines, however many connections are lost and however often they are retried', () => {
  const lines: string[] = [];
  const levels = ['warn', 'log'] as const;
  const spies = levels.map((level) =>
    jest.spyOn(Logger.prototype, level).mockImplementation((line: string) => void lines.push(`${level} ${line}`)),
  );
  const outage = new BrokerOutage();
  for (let outages = 0; outages < 2; outages += 1) {
    outage.lost('publishing', 'connection lost');
    for (let tries = 0; tries < 100; tries += 1) {
      outage.lost('consuming', 'not connected');
      outage.lost('publishing', 'not connected');
    }
    outage.connected('consuming');
    outage.connected('publishing');
  }
  spies.forEach((spy) => spy.mockRestore());
  const both = [
    'warn connection lost, trying again; messages wait in the outboxes',
    expect.stringMatching(/^log connected after 0\.\d s and 199 tries$/),
  ];
  expect(lines).toEqual([...both, ...both]);
});
