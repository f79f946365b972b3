import { Injectable } from '@nestjs/common';
import { Clock, newId } from '@seam/kernel';
import { type Queryable, transactionWork } from '@seam/messaging/postgres';
import type { Work } from '@seam/messaging';
import { decideRefresh, SESSION_DAYS, type StoredToken } from '../domain/refresh-token.js';
import { type Authenticated, type NewToken, type Rotation, Sessions } from '../ports/sessions.js';

const DAY_MS = 86_400_000;

@Injectable()
export class PostgresSessions extends Sessions {
  constructor(private readonly clock: Clock) {
    super();
  }

  override begin({ id, passwordHash }: Authenticated, first: NewToken, now: Date): Work<boolean> {
    const familyId = newId();
    return transactionWork<boolean>(async (db) => {
      // Locked: a change of the password is seen here, or waits and then finds this session to end.
      const same = 'select from user_account where id = $1 and password_hash = $2 for share';
      if ((await db.query(same, [id, passwordHash])).rowCount === 0) return { value: false, messages: [] };
      await db.query('delete from refresh_family where user_id = $1 and expires_at < $2', [id, now]);
      await db.query('insert into refresh_family (id, user_id, expires_at) values ($1, $2, $3)', [
        familyId,
        id,
        new Date(now.getTime() + SESSION_DAYS * DAY_MS),
      ]);
      await db.query('insert into refresh_token (hash, family_id) values ($1, $2)', [first.hash, familyId]);
      return { value: true, messages: [] };
    });
  }

  override rotate(presented: Buffer, next: NewToken, arrivedAt: Date): Work<Rotation> {
    return transactionWork<Rotation>(async (db) => {
      const stored = await lockFamily(db, presented);
      const now = this.clock.now();
      const decision = decideRefresh(stored, now, arrivedAt);
      if (stored === undefined || decision !== 'rotate') {
        // Answered as a value: an error would undo the revocation.
        if (stored !== undefined && decision === 'revoke-family') await revoke(db, stored.familyId);
        return { value: { outcome: 'refused' }, messages: [] };
      }
      await db.query('update refresh_token set used_at = $2 where hash = $1', [presented, now]);
      await db.query('insert into refresh_token (hash, family_id) values ($1, $2)', [next.hash, stored.familyId]);
      return { value: { outcome: 'rotated', userId: stored.userId }, messages: [] };
    });
  }

  override end(presented: Buffer): Work<void> {
    return transactionWork(async (db) => {
      await db.query(
        `update refresh_family set revoked_at = now()
         where revoked_at is null and id = (select family_id from refresh_token where hash = $1)`,
        [presented],
      );
      return { value: undefined, messages: [] };
    });
  }
}

type LockedToken = StoredToken & { readonly userId: string };

/** The token as it is once every exchange of its family that came before has ended. */
async function lockFamily(db: Queryable, hash: Buffer): Promise<LockedToken | undefined> {
  const { rows: families } = await db.query(
    `select id, user_id, expires_at, revoked_at is not null as revoked from refresh_family
     where id = (select family_id from refresh_token where hash = $1) for update`,
    [hash],
  );
  const family = families[0] as { id: string; user_id: string; expires_at: Date; revoked: boolean } | undefined;
  if (family === undefined) return undefined;
  // Read after the lock: a statement sees what was committed before it began.
  const { rows } = await db.query('select used_at from refresh_token where hash = $1', [hash]);
  const usedAt = (rows[0] as { used_at: Date | null } | undefined)?.used_at ?? undefined;
  const { id: familyId, user_id: userId, expires_at: expiresAt, revoked } = family;
  return { familyId, userId, expiresAt, revoked, usedAt };
}

const revoke = (db: Queryable, familyId: string): Promise<unknown> =>
  db.query('update refresh_family set revoked_at = now() where id = $1 and revoked_at is null', [familyId]);
