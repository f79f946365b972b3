import type { Money } from '@seam/kernel';
import { Check, Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Product } from '../domain/product.js';

class PriceColumns implements Money {
  /** In minor units; pg returns a `bigint` as a string. */
  @Column('bigint', { name: 'price_amount', transformer: { to: (amount: number) => amount, from: Number } })
  amount!: number;

  @Column('text', { name: 'price_currency' })
  currency!: string;
}

/** A product's row. */
@Entity({ name: 'product' })
@Check('product_price_amount_check', 'price_amount >= 0')
@Check('product_revision_check', 'revision > 0')
export class ProductEntity implements Product {
  @PrimaryColumn('text', { collation: 'C', primaryKeyConstraintName: 'product_pkey' })
  sku!: string;

  @Column('text')
  name!: string;

  @Column('text')
  description!: string;

  @Column(() => PriceColumns, { prefix: false })
  price!: PriceColumns;

  @Column('boolean')
  active!: boolean;

  @Column('integer')
  revision!: number;

  /** TypeORM sets it with every update. */
  @UpdateDateColumn({ name: 'changed_at', type: 'timestamptz' })
  changedAt!: Date;
}
