import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SmtpMailbox } from './smtp-mailbox.js';

/** A minimal mail server: accepts everything except e-mails to `bad@`. */
function mailServer(taken: string[], recipients: string[] = []): Server {
  return createServer((socket) => {
    let body: string[] | undefined;
    socket.write('220 test\r\n');
    socket.on('error', () => undefined);
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [, recipient] = /^RCPT TO:<(.*)>/.exec(line) ?? [];
        if (body === undefined && recipient !== undefined) recipients.push(recipient);
        if (body !== undefined) {
          if (line !== '.') body.push(line);
          else {
            taken.push(body.join('\n'));
            body = undefined;
            socket.write('250 taken\r\n');
          }
        } else if (line === 'DATA') {
          body = [];
          socket.write('354 go on\r\n');
        } else if (/^RCPT TO:<bad@/.test(line)) socket.write('550 no such mailbox\r\n');
        else if (line.startsWith('EHLO ')) socket.write('250-test\r\n250 SMTPUTF8\r\n');
        else socket.write(line === 'QUIT' ? '221 bye\r\n' : '250 ok\r\n');
      }
    });
  });
}

describe('the mailbox of a mail server', () => {
  it('sends each, and reports which were not accepted', async () => {
    const taken: string[] = [];
    const server = mailServer(taken);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mailbox = new SmtpMailbox(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const mail = { to: 'ada@example.com', subject: 'Your order is confirmed', text: 'Hello Ada' };
      const results = await mailbox.send([mail, { ...mail, to: 'bad@example.com' }, mail]);
      expect(results.map((error) => error !== undefined)).toEqual([false, true, false]);
      expect(taken).toHaveLength(2);
      expect(taken[0]).toContain('Subject: Your order is confirmed');
    } finally {
      await mailbox.close();
      server.close();
    }
  });

  it('reaches addresses with `%`, and international ones: by their ASCII domain, or by SMTPUTF8', async () => {
    const recipients: string[] = [];
    const server = mailServer([], recipients);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mailbox = new SmtpMailbox(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const reached = [
      ['ada%relay.example@example.org', 'ada%relay.example@example.org'],
      ["o'neil!#$&*/=?^`{|}~@example.org", "o'neil!#$&*/=?^`{|}~@example.org"],
      ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
      ['用户@例え.テスト', '用户@例え.テスト'],
    ] as const;
    try {
      const mails = reached.map(([to]) => ({ to, subject: 's', text: 't' }));
      expect(await mailbox.send(mails)).toEqual(mails.map(() => undefined));
      expect(recipients.sort()).toEqual(reached.map(([, recipient]) => recipient).sort());
    } finally {
      await mailbox.close();
      server.close();
    }
  });

  it('reports that there is no server', async () => {
    const mailbox = new SmtpMailbox('smtp://127.0.0.1:1');
    const [error] = await mailbox.send([{ to: 'ada@example.com', subject: 's', text: 't' }]);
    expect(error).toMatchObject({ code: expect.stringMatching(/ECONN|ESOCKET/) });
    await mailbox.close();
  });
});
