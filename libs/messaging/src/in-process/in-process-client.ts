import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { Message } from '@seam/kernel';

/** Nest's sending side for the in-process transport. Messages only: a question is asked by a command and its reply. */
export class InProcessClient extends ClientProxy {
  constructor(private readonly route: (message: Message) => Promise<void>) {
    super();
  }

  async connect(): Promise<void> {
    // Nothing to connect to: sender and receiver share the process.
  }

  close(): void {
    // Nor to close.
  }

  override unwrap(): never {
    throw new Error('there is no broker behind the in-process transport');
  }

  protected publish(_packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({ err: new Error('send a command and handle its reply: this transport carries no requests') });
    return () => undefined;
  }

  protected async dispatchEvent<T>(packet: ReadPacket<Message>): Promise<T> {
    await this.route(packet.data);
    return undefined as T;
  }
}
