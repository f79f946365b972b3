import { styleText } from 'node:util';
import type { OrderResult } from './run-order.js';
import { outcomeOf, secondsOf } from './format.js';

const BAR = 24;

/** Shows the demo's progress: one line that changes on a terminal, otherwise a line per step. */
export class Progress {
  #done = 0;
  #shown = false;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly total: number,
  ) {}

  step(text: string): void {
    if (this.out.isTTY) this.#show('', text);
    else this.out.write(`${text}\n`);
  }

  ended(result: OrderResult, isRight: boolean): void {
    this.#done += 1;
    const { planned, order, tookMs } = result;
    const mark = isRight ? 'ok   ' : 'WRONG';
    const text = `${planned.kind.name}: ${outcomeOf(order)} in ${secondsOf(tookMs)}`;
    if (this.out.isTTY) this.#show(this.#bar(), ` ${this.#done}/${this.total}  ${text}`);
    else this.out.write(`${String(this.#done).padStart(String(this.total).length)}/${this.total} ${mark} ${text}\n`);
  }

  clear(): void {
    if (this.#shown) this.out.write('\r\x1b[K');
    this.#shown = false;
  }

  /** Never wider than the terminal, because a wrapped line could not be cleared. */
  #show(bar: string, text: string): void {
    this.#shown = true;
    const room = this.out.columns - 1 - (bar === '' ? 0 : BAR);
    this.out.write(room < text.length ? `\r\x1b[K${text.slice(0, this.out.columns - 1)}` : `\r\x1b[K${bar}${text}`);
  }

  #bar(): string {
    const full = Math.round((BAR * this.#done) / this.total);
    return styleText('green', '█'.repeat(full)) + styleText('dim', '░'.repeat(BAR - full));
  }
}
