/** Signals to the mailer of this process that there may be something to send; other processes find it when they poll. */
export class MailSignal {
  #listener: () => void = () => undefined;

  raise(): void {
    this.#listener();
  }

  listen(listener: () => void): void {
    this.#listener = listener;
  }
}
