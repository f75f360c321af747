import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { eventStoreContract } from '../contract/event-store.contract.ts'

eventStoreContract('memory:', async () => await Promise.resolve(newMemoryStore()))
