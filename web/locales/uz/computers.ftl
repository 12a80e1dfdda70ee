computers-tab-in-use = Ishlatiladi
computers-tab-inactive = Ishlatilmaydi
computers-search = Nomi, raqami yoki izohi
computers-name = Nomi
computers-name-hint = Odamlar qanday atashi. Boʻsh qolsa, mashina identifikatori.
computers-users = Foydalanuvchilar
computers-contact = Aloqa
computers-uid = Mashina identifikatori
computers-note = Izoh
computers-first-seen = Birinchi maʼlumot
computers-last-seen = Oxirgi maʼlumot
computers-inactive = Ishlatilmaydi
computers-never = hali maʼlumot yoʻq
computers-in-contact = aloqada, { $time }
computers-quiet = { $time } dan beri tinch
computers-silent = { $time } dan beri jim
computers-out-of-use = ishlatilmaydi, oxirgi maʼlumot { $time }
computers-seen = maʼlumot { $from } – { $to }
computers-none = Bu yerda kompyuter yoʻq
computers-none-text = Soʻzlarni oʻzgartiring yoki filtrni olib tashlang.
computers-empty-title = Hali kompyuterlar yoʻq
computers-empty-text = Agent birinchi marta maʼlumot yuborishi bilan kompyuter oʻzi paydo boʻladi.
computers-no-users = Hali foydalanuvchilar yoʻq
computers-no-users-text = Foydalanuvchi birinchi hodisasi bilan paydo boʻladi.
computers-nobody = Odam emas
computers-not-person = Odam emas
computers-is-person = Bu odam
computers-activate = Yana ishlatish
computers-deactivate = Ishlatmaslik
computers-activate-text = Bu kompyuter ishlatilmaydi. Tarixi saqlangan, yuborgan maʼlumoti baribir qabul qilinadi.
computers-deactivate-text = Ishlatilmaydigan kompyuter roʻyxatlardan chiqadi. Tarixi qoladi, yuborgan maʼlumoti baribir qabul qilinadi.
computers-delete = Oʻchirish…
computers-delete-title = { $name } kompyuteri oʻchirilsinmi?
computers-delete-users = { $count ->
    [0] Unda foydalanuvchi yoʻq.
    [one] U bilan birga { $count } ta foydalanuvchi oʻchadi.
   *[other] U bilan birga { $count } ta foydalanuvchi oʻchadi.
}
computers-delete-links = { $count ->
    [0] Birorta foydalanuvchi xodimga bogʻlanmagan.
    [one] Xodimga { $count } ta bogʻlanish sanalari bilan oʻchadi; yozilganlar endi hech kimga tegishli boʻlmaydi.
   *[other] Xodimlarga { $count } ta bogʻlanish sanalari bilan oʻchadi; yozilganlar endi hech kimga tegishli boʻlmaydi.
}
computers-delete-events = U yozgan maʼlumot saqlash muddati tugaguncha qoladi.
computers-delete-again = Yana maʼlumot yuborsa, xodimsiz holda qaytadan paydo boʻladi.
computers-delete-do = Oʻchirish: { $name }
computers-delete-keep = Kompyuterni qoldirish

links-title = { $name } kimniki?
links-caption = Foydalanuvchining xodimlari
links-person = Xodim
links-from = Boshi
links-to = Oxiri
links-from-hint = Boʻsh qolsa: birinchi maʼlumotdan yoki oldingi bogʻlanish tugaganidan.
links-to-hint = Boʻsh qolsa: bekor qilinguncha. Shu vaqtning oʻzi bogʻlanishga kirmaydi.
links-zone = Vaqt: { $zone }
links-actions = Amallar
links-search = Xodimni qidirish
links-search-first = Xodimni ismi, raqami yoki boʻlimi boʻyicha qidiring.
links-since-first-seen = birinchi maʼlumotdan
links-since-first-seen-at = birinchi maʼlumotdan ({ $time })
links-until-further-notice = bekor qilinguncha
links-none = Bu foydalanuvchi hali hech kimniki emas.
links-add = Xodimga bogʻlash
links-create = Bogʻlash
links-change = Oʻzgartirish
links-end-now = Hozir tugatish
links-remove = Olib tashlash…
links-delete-title = { $user } va { $name } bogʻlanishi olib tashlansinmi?
links-delete-events = Bogʻlanish boʻlmagandek boʻladi: shu vaqtda yozilganlar endi hech kimga tegishli emas.
links-delete-instead = Oʻtmishni saqlash uchun bogʻlanishni tugating.
links-delete-do = Bogʻlanishni olib tashlash
links-delete-keep = Bogʻlanishni qoldirish

unassigned-user = Foydalanuvchi
unassigned-proposals = Kimniki boʻlishi mumkin
unassigned-search = Kompyuter yoki foydalanuvchi nomi
unassigned-no-proposal = ismi mos keladigan xodim yoʻq
unassigned-other = Boshqa xodim…
unassigned-accept-label = { $user } va { $name } bogʻlansin
unassigned-accept-sure = { $count ->
    [one] { $count } ta ishonchli taklifni qabul qilish
   *[other] { $count } ta ishonchli taklifni qabul qilish
}
unassigned-empty-title = Hammasi bogʻlangan
unassigned-empty-text = Har bir foydalanuvchi xodimga tegishli yoki “odam emas” deb belgilangan.
unassigned-reason-personnel-number = foydalanuvchi nomi — tabel raqami “{ $matched }”
unassigned-reason-email = foydalanuvchi nomi — e-pochta boshi “{ $matched }”
unassigned-reason-full-name = familiya va ism mos: “{ $matched }”
unassigned-reason-surname-and-initial = familiya va ismning birinchi harfi mos: “{ $matched }”
unassigned-reason-computer-number = kompyuter nomida tabel raqami bor: “{ $matched }”
unassigned-reason-surname = familiya mos: “{ $matched }”
unassigned-reason-computer-surname = kompyuter nomida familiya bor: “{ $matched }”
unassigned-reason-given-name = faqat ism mos: “{ $matched }”

import-title = Roʻyxatni yuklash
import-meta = Avval nima oʻzgarishi koʻrsatiladi. Roʻyxat tufayli hech kim oʻchirilmaydi.
import-kind = Roʻyxatda nima bor?
import-people-text = Har bir qatorda bitta xodim.
import-people-note = Familiya va ism kerak; lavozim, boʻlim, tabel raqami, e-pochta va telefon boʻlsa oʻqiladi.
import-departments-text = Har bir qatorda bitta boʻlim.
import-departments-note = Toʻliq yoʻl, masalan “Ofis / Savdo”, yoki nomi va yuqori boʻlimi.
import-file = Fayl
import-file-hint = Birinchi qatori sarlavhali CSV, koʻpi bilan 5 MB va 20 000 qator.
import-template-people = Xodimlarning boʻsh roʻyxati
import-template-departments = Boʻlimlarning boʻsh roʻyxati
import-show = Nima oʻzgarishini koʻrsatish
import-preview = Roʻyxat nimani oʻzgartiradi
import-preview-meta = Hali hech narsa oʻzgarmadi.
import-new = Yangi
import-updated = Oʻzgaradi
import-moved = Koʻchadi
import-unchanged = Oʻzgarmaydi
import-refused = Olinmaydi
import-refused-note = bu qatorlarda xato bor; qolganlarini qoʻllash mumkin
import-changes = Oʻzgarishlar
import-new-departments = Yangi boʻlimlar:
import-ignored = Oʻqilmaydigan ustunlar: { $columns }
import-nothing = Roʻyxat hech narsani oʻzgartirmaydi.
import-apply = { $count ->
    [one] { $count } ta oʻzgarishni qoʻllash
   *[other] { $count } ta oʻzgarishni qoʻllash
}
import-other-file = Boshqa fayl tanlash
import-line = Qator
import-who = Kim
import-action = Nima boʻladi
import-details = Tafsilot
import-action-new = yangi
import-action-update = oʻzgaradi
import-action-move = koʻchadi
import-action-refused = olinmaydi
import-more-rows = { $count ->
    [one] va yana { $count } ta qator
   *[other] va yana { $count } ta qator
}
import-not-received = Fayl yetib kelmadi. Uni qaytadan tanlang.
import-field-surname = Familiya
import-field-given-name = Ism
import-field-full-name = Toʻliq ism
import-field-patronymic = Otasining ismi
import-field-position = Lavozim
import-field-department = Boʻlim
import-field-name = Nomi
import-field-parent = Yuqori boʻlim
import-field-personnel-number = Tabel raqami
import-field-email = E-pochta
import-field-phone = Telefon
import-field-hired-on = Ishdagi birinchi kun
import-field-left-on = Ishdagi oxirgi kun
import-field-language = Til

search-title = Qidiruv
search-hint = Ism, tabel raqami, lavozim, kompyuter yoki foydalanuvchi nomi boʻyicha qidiring.
search-nothing-asked = Nimani qidiryapsiz?

done-computers-saved = Saqlandi: { $name }
done-computers-deleted = Oʻchirildi: { $name }
done-computers-activated = Yana ishlatiladi: { $name }
done-computers-deactivated = Endi ishlatilmaydi: { $name }
done-links-accepted = Bogʻlangan foydalanuvchilar: { $name }
done-links-created = Bogʻlandi: { $name }
done-links-saved = Bogʻlanish saqlandi: { $name }
done-links-ended = Bogʻlanish tugatildi: { $name }
done-links-deleted = Bogʻlanish olib tashlandi: { $name }
done-users-activated = Xodimi yana soʻraladi: { $name }
done-users-deactivated = Odam emas: { $name }
done-people-imported = Qoʻllangan qatorlar: { $name }

error-computer-uid-taken = Bu mashina identifikatori boshqa kompyuterda bor.
error-computer-user-taken = Bunday foydalanuvchi allaqachon bor.
error-link-overlaps = Bu foydalanuvchining boshqa bogʻlanishi shu vaqtning bir qismini egallagan. Avval uning sanalarini oʻzgartiring.
error-import-too-large = Fayl 5 MB dan katta. Uni boʻling.
error-import-too-many-rows = Faylda 20 000 dan ortiq qator bor. Uni boʻling.
error-import-not-text = Bu matnli fayl emas. Jadvalni CSV qilib saqlang.
error-import-empty = Sarlavhalar ostida qator yoʻq.
error-import-column-missing = Birinchi qatorda sarlavha yetishmaydi. Xodimlarga familiya va ism yoki toʻliq ism, boʻlimlarga boʻlim kerak.
error-import-column-repeated = Ikkita ustunning sarlavhasi bir xil.
error-import-changed = Koʻrib chiqilgandan keyin nimadir oʻzgardi. Faylni qaytadan tanlab, yana koʻring.
error-row-too-many-cells = Qatorda sarlavhalardan koʻp katak bor.
error-row-repeated = { $line }-qator ham shu haqda.
error-row-ambiguous-employee = Bu ism bir necha xodimda bor. Tabel raqamini yozing.
error-row-ambiguous-department = Bu nom bir necha boʻlimda bor. Toʻliq yoʻlini yozing.
