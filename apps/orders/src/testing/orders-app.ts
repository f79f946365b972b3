import { CardKeyPublished, ProductChanged, PublishCardKey, shop } from '@seam/contracts';
import { type Contract, messageOf, type Outcome, uncheckedReplyTo } from '@seam/messaging/contract';
import { type RunningProcess, startProcess } from '@seam/host';
import { type Message, type Money, newId, type OutgoingMessage } from '@seam/kernel';
import { InProcessBroker } from '@seam/messaging';
import { readSettings } from '@seam/process';
import { LocalVerificationKeys, newSealingKeyPair, type SealingKeyPair } from '@seam/security';
import { type TestIdentity, testIdentity } from '@seam/security/testing';
import { ordersService } from '../orders.definition.js';
import { eur } from './an-order.js';

export interface Answer {
  readonly status: number;
  readonly body: any;
}

export interface Person {
  readonly userId: string;
  readonly role: 'customer' | 'staff';
}

/**
 * Delivers messages to the orders service, and keeps messages to other services: the test answers those, or
 * leaves them unanswered.
 */
class SimulatedServices extends InProcessBroker {
  readonly commands: Message[] = [];

  /** @param cardKey the key that payments publishes when one is requested */
  constructor(private readonly cardKey: SealingKeyPair | 'never-published') {
    super();
  }

  override async publish(message: Message): Promise<void> {
    if (message.target === undefined || message.target === 'orders') return super.publish(message);
    if (message.type === PublishCardKey.type) return this.#publishKey();
    this.commands.push(message);
  }

  async #publishKey(): Promise<void> {
    if (this.cardKey === 'never-published') return;
    const { id: keyId, publicKey } = this.cardKey;
    const key = { keyId, publicKey, createdAt: new Date().toISOString() };
    await super.publish(sent(messageOf(CardKeyPublished, newId(), key), CardKeyPublished.service));
  }
}

const sent = (message: OutgoingMessage, source: string): Message => ({
  id: newId(),
  source,
  at: new Date().toISOString(),
  ...message,
});

/** The orders service over HTTP, with its own engine; all other services are simulated by the test. */
export class OrdersApp {
  private constructor(
    readonly running: RunningProcess,
    private readonly simulated: SimulatedServices,
    private readonly identity: TestIdentity,
  ) {}

  static async start(
    environment: Readonly<Record<string, string>>,
    { cardKey = newSealingKeyPair() }: { cardKey?: SealingKeyPair | 'never-published' } = {},
  ): Promise<OrdersApp> {
    const simulated = new SimulatedServices(cardKey);
    const identity = await testIdentity();
    const settings = readSettings({ PORT: '0', SEAM_LOG: 'error', ...environment });
    const running = await startProcess({ ...shop, services: [{ ...ordersService, needs: [] }] }, settings, {
      transport: simulated,
    });
    running.app.get(LocalVerificationKeys, { strict: false }).use(() => Promise.resolve(identity.jwks));
    return new OrdersApp(running, simulated, identity);
  }

  /** The commands that were sent to other services, in their order. */
  get commands(): readonly Message[] {
    return this.simulated.commands;
  }

  /** Replies to a command, as the service that received it would. */
  async answer(command: Message, outcome: Outcome): Promise<void> {
    for (const reply of uncheckedReplyTo(command, outcome))
      await this.simulated.publish(sent(reply, command.target ?? ''));
  }

  /** Publishes an event, as another service's commit would. */
  async publish<D>(contract: Contract<D>, data: D): Promise<void> {
    await this.simulated.publish(sent(messageOf(contract, newId(), data), contract.service));
  }

  /**
   * Publishes products with their prices, in the smallest unit of a currency; the currency is the euro unless given.
   */
  async sell(prices: Readonly<Record<string, number | Money>>): Promise<void> {
    for (const [sku, of] of Object.entries(prices)) {
      const price = typeof of === 'number' ? eur(of) : of;
      await this.publish(ProductChanged, { sku, revision: 1, name: sku, description: '', price, active: true });
    }
  }

  /** Places an order of these products; resolves with its id. */
  async order(by: Person, quantities: Readonly<Record<string, number>>): Promise<string> {
    const items = Object.entries(quantities).map(([sku, quantity]) => ({ sku, quantity }));
    const payment = { method: 'card', token: 'tok_visa' };
    const { status, body } = await this.call('POST', '/api/orders', by, { items, payment });
    if (status !== 202) throw new Error(`placing an order came to ${status} ${JSON.stringify(body)}`);
    return body.id as string;
  }

  async call(method: string, path: string, person?: Person, body?: unknown): Promise<Answer> {
    const token = person && (await this.identity.tokenFor({ ...person, email: 'of@the.token' }, new Date()));
    const response = await fetch(`${this.running.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}
