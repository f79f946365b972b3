import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

const [ID_BYTES, POINT_BYTES, COUNTER_BYTES, TAG_BYTES] = [6, 32, 4, 16] as const;
const HEADER_BYTES = ID_BYTES + POINT_BYTES + COUNTER_BYTES;
const NONCE_BYTES = 12;
const CIPHER = 'aes-256-gcm';
/** A shorter tag, as of a text that was cut off, is an error: GCM would accept it. */
const TAG = { authTagLength: TAG_BYTES };

/** For how long, and for how many texts, one agreed key is used: far below the limits of AES-GCM. */
const AGREED_MS = 3_600_000;
const AGREED_TEXTS = 1_000_000;
/** Maximum number of agreed keys that a receiver caches: about one per sending process and hour. */
const AGREED_CACHED = 200;

/** A pair of X25519 keys: anyone who has the public key can seal a text, and only the holder of the private key can open it. */
export interface SealingKeyPair {
  /** Found in every sealed text. */
  readonly id: string;
  /** 32 bytes, base64url. */
  readonly publicKey: string;
  /** PKCS #8, DER, base64url. */
  readonly privateKey: string;
}

export function newSealingKeyPair(): SealingKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const point = pointOf(publicKey);
  return {
    id: idOf(point),
    publicKey: point.toString('base64url'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url'),
  };
}

interface Agreed {
  readonly key: KeyObject;
  /** The sender's part of the agreement, which the receiver needs to find the same key. */
  readonly point: Buffer;
  readonly until: number;
  texts: number;
}

/**
 * Seals texts for the holder of one private key: an ephemeral X25519 key, HKDF-SHA256 and AES-256-GCM. The agreement is made
 * once an hour, so that sealing a text takes microseconds; its key is used by this object alone, with a counter as the nonce.
 */
export class Sealer {
  readonly #id: Buffer;
  readonly #receiver: Buffer;
  #agreed: Agreed | undefined;

  /** @param publicKey that of a {@link SealingKeyPair} */
  constructor(publicKey: string) {
    this.#receiver = Buffer.from(publicKey, 'base64url');
    this.#id = Buffer.from(idOf(this.#receiver), 'base64url');
  }

  /**
   * @param context what the text belongs to: it can be opened only with the same context
   * @returns base64url, about 80 characters more than the text
   */
  seal(text: string, context: string): string {
    const { key, point, texts } = this.#current();
    const counter = Buffer.alloc(COUNTER_BYTES);
    counter.writeUInt32BE(texts);
    const cipher = createCipheriv(CIPHER, key, nonceOf(counter), TAG).setAAD(Buffer.from(context));
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([this.#id, point, counter, encrypted, cipher.getAuthTag()]).toString('base64url');
  }

  #current(): Agreed {
    const now = Date.now();
    const known = this.#agreed;
    if (known !== undefined && now < known.until && known.texts < AGREED_TEXTS) {
      known.texts += 1;
      return known;
    }
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    const point = pointOf(publicKey);
    const key = agreedKey(privateKey, this.#receiver, point, this.#receiver);
    return (this.#agreed = { key, point, until: now + AGREED_MS, texts: 1 });
  }
}

/** The id of the key that a text is sealed for; undefined if it is not a sealed text. */
export function sealedFor(sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  return bytes.length < HEADER_BYTES + TAG_BYTES ? undefined : bytes.subarray(0, ID_BYTES).toString('base64url');
}

/** Opens texts that are sealed for one private key. */
export class Opener {
  readonly #privateKey: KeyObject;
  readonly #receiver: Buffer;
  readonly #agreed = new Map<string, KeyObject>();

  /** @param privateKey that of a {@link SealingKeyPair} */
  constructor(privateKey: string) {
    this.#privateKey = createPrivateKey({ key: Buffer.from(privateKey, 'base64url'), type: 'pkcs8', format: 'der' });
    this.#receiver = pointOf(createPublicKey(this.#privateKey));
  }

  /** Throws if the text was sealed for another key or context, or was changed. */
  open(sealed: string, context: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const nonce = nonceOf(bytes.subarray(HEADER_BYTES - COUNTER_BYTES, HEADER_BYTES));
    const key = this.#keyFor(bytes.subarray(ID_BYTES, ID_BYTES + POINT_BYTES));
    const decipher = createDecipheriv(CIPHER, key, nonce, TAG);
    decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-TAG_BYTES));
    return decipher.update(bytes.subarray(HEADER_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }

  #keyFor(point: Buffer): KeyObject {
    const name = point.toString('base64url');
    const known = this.#agreed.get(name);
    if (known !== undefined) return known;
    const key = agreedKey(this.#privateKey, point, point, this.#receiver);
    if (this.#agreed.size >= AGREED_CACHED) this.#agreed.clear();
    this.#agreed.set(name, key);
    return key;
  }
}

function agreedKey(privateKey: KeyObject, other: Buffer, sender: Buffer, receiver: Buffer): KeyObject {
  const publicKey = createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: other.toString('base64url') },
    format: 'jwk',
  });
  const secret = diffieHellman({ privateKey, publicKey });
  const key = hkdfSync('sha256', secret, Buffer.concat([sender, receiver]), 'seam sealed text 1', 32);
  // Not as bytes: then each cipher would prepare the key again.
  return createSecretKey(Buffer.from(key));
}

const nonceOf = (counter: Buffer): Buffer => Buffer.concat([Buffer.alloc(NONCE_BYTES - COUNTER_BYTES), counter]);

const pointOf = (publicKey: KeyObject): Buffer => Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');

const idOf = (point: Buffer): string =>
  createHash('sha256').update(point).digest().subarray(0, ID_BYTES).toString('base64url');
