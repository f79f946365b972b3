import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@seam/kernel';
import { transactionWork } from '@seam/messaging/postgres';
import type { Work } from '@seam/messaging';
import { type EntityManager, IsNull, LessThan } from 'typeorm';
import { decideRefresh, SESSION_DAYS, type StoredToken } from '../domain/refresh-token.js';
import { type Authenticated, type NewToken, type Rotation, Sessions } from '../ports/sessions.js';
import { RefreshFamilyEntity, RefreshTokenEntity } from './session.entity.js';
import { UserEntity } from './user.entity.js';

const DAY_MS = 86_400_000;

@Injectable()
export class PostgresSessions extends Sessions {
  constructor(private readonly clock: Clock) {
    super();
  }

  override begin({ id, passwordHash }: Authenticated, first: NewToken, now: Date): Work<boolean> {
    const familyId = newId();
    const expiresAt = new Date(now.getTime() + SESSION_DAYS * DAY_MS);
    return transactionWork<boolean>(async (entities) => {
      // Locked: a change of the password is either seen here, or it waits and then ends this session, too.
      const lock = { mode: 'pessimistic_read' } as const;
      const same = await entities.findOne(UserEntity, { select: { id: true }, where: { id, passwordHash }, lock });
      if (same === null) return { value: false, messages: [] };
      await entities.delete(RefreshFamilyEntity, { userId: id, expiresAt: LessThan(now) });
      await entities.insert(RefreshFamilyEntity, { id: familyId, userId: id, expiresAt });
      await entities.insert(RefreshTokenEntity, { hash: first.hash, familyId });
      return { value: true, messages: [] };
    });
  }

  override rotate(presented: Buffer, next: NewToken, arrivedAt: Date): Work<Rotation> {
    return transactionWork<Rotation>(async (entities) => {
      const stored = await lockFamily(entities, presented);
      const now = this.clock.now();
      const decision = decideRefresh(stored, now, arrivedAt);
      if (stored === undefined || decision !== 'rotate') {
        // Returned as a value, because an error would roll back the revocation.
        if (stored !== undefined && decision === 'revoke-family')
          await revokeFamilies(entities, { id: stored.familyId });
        return { value: { outcome: 'refused' }, messages: [] };
      }
      await entities.update(RefreshTokenEntity, { hash: presented }, { usedAt: now });
      await entities.insert(RefreshTokenEntity, { hash: next.hash, familyId: stored.familyId });
      return { value: { outcome: 'rotated', userId: stored.userId }, messages: [] };
    });
  }

  override end(presented: Buffer): Work<void> {
    return transactionWork(async (entities) => {
      const token = await entities.findOneBy(RefreshTokenEntity, { hash: presented });
      if (token !== null) await revokeFamilies(entities, { id: token.familyId });
      return { value: undefined, messages: [] };
    });
  }
}

type LockedToken = StoredToken & { readonly userId: string };

/** The token's state after all earlier exchanges of its family have ended. */
async function lockFamily(entities: EntityManager, hash: Buffer): Promise<LockedToken | undefined> {
  const family = await entities
    .createQueryBuilder(RefreshFamilyEntity, 'family')
    .where((query) => {
      const token = query.subQuery().select('token.familyId').from(RefreshTokenEntity, 'token');
      return `family.id = ${token.where('token.hash = :hash').getQuery()}`;
    })
    .setParameter('hash', hash)
    .setLock('pessimistic_write')
    .getOne();
  if (family === null) return undefined;
  // Read after the lock: a statement sees what was committed before it began.
  const token = await entities.findOneBy(RefreshTokenEntity, { hash });
  const { id: familyId, userId, expiresAt, revokedAt } = family;
  return { familyId, userId, expiresAt, revoked: revokedAt !== null, usedAt: token?.usedAt ?? undefined };
}

/** Ends these logins, except those that have already ended. */
export const revokeFamilies = (
  entities: EntityManager,
  which: { readonly id: string } | { readonly userId: string },
): Promise<unknown> =>
  entities.update(RefreshFamilyEntity, { ...which, revokedAt: IsNull() }, { revokedAt: () => 'now()' });
