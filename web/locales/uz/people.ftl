people-meta = { $people }, { $departments }
people-unlinked = { $count ->
    [one] { $count } ta kompyuter foydalanuvchisi hali bogʻlanmagan
   *[other] { $count } ta kompyuter foydalanuvchisi hali bogʻlanmagan
}
people-state = Holat
people-tab-all = Hammasi
people-tab-without-computer = Kompyutersiz
people-tab-inactive = Faol emas
people-tab-at-computer = Kompyuterda
people-tab-no-input = Kiritish yoʻq
people-tab-locked = Qulflangan
people-tab-seen = Koʻrilgan
people-tab-not-seen = Koʻrilmagan
people-add = Xodim qoʻshish
people-search = Ism, raqam yoki kompyuter
people-name = Ism
people-department = Boʻlim
people-no-department = Boʻlimsiz
people-number = Tabel raqami
people-number-hint = Tashkilotda takrorlanmaydi. Xodimning kompyuterini topishga ham yordam beradi.
people-now = Hozir
people-today = Bugun
people-first-input = Birinchi kiritish
people-now-failed = Hozirgi holat oʻqilmadi. Roʻyxatning oʻzi toʻliq.
people-inactive = Faol emas
people-pick = Tanlash: { $name }
people-pick-all = Hammasini tanlash
people-picked = tanlandi
people-move-to = Qaysi boʻlimga
people-move = Oʻtkazish
people-activate = Faol qilish
people-deactivate = Faolsizlantirish
people-delete = Oʻchirish…
people-create = Xodimni qoʻshish
people-nobody = Bu yerda hech kim yoʻq
people-nobody-text = Bu filtrlarga hech kim mos kelmaydi.
people-nobody-elsewhere = { $count ->
    [one] Boshqa boʻlimlarda { $count } kishi mos keladi.
   *[other] Boshqa boʻlimlarda { $count } kishi mos keladi.
}
people-show-all = Hammasini koʻrsatish: { $count }
people-empty-title = Hali xodimlar yoʻq
people-empty-text = Roʻyxatingizni yuklang yoki birinchi xodimni qoʻshing. Kompyuterlar kimdir haqida xabar berishi bilan oʻzi paydo boʻladi.
people-new-title = Yangi xodim
people-surname = Familiya
people-given-name = Ismi
people-patronymic = Otasining ismi
people-position = Lavozim
people-email = E-pochta
people-email-hint = @ belgisidan oldingi qismi xodimning kompyuterini topishga yordam beradi.
people-phone = Telefon
people-hired-on = Ishdagi birinchi kun
people-left-on = Ishdagi oxirgi kun
people-language = Til
people-language-uz = Oʻzbekcha
people-language-ru = Ruscha
people-language-en = Inglizcha
people-deactivate-text = Ishdan ketgan xodim faolsizlantiriladi. Tarixi qoladi, ishlayotganlar roʻyxatida esa koʻrinmaydi.
people-activate-text = Bu xodim faol emas. Tarixi saqlangan; roʻyxatlarga qaytarish uchun faol qiling.
people-delete-title = { $name } oʻchirilsinmi?
people-delete-links = { $count ->
    [0] Bu xodimga birorta ham kompyuter bogʻlanmagan.
    [one] Kompyuter foydalanuvchisiga { $count } ta bogʻlanish sanalari bilan oʻchadi.
   *[other] Kompyuter foydalanuvchilariga { $count } ta bogʻlanish sanalari bilan oʻchadi.
}
people-delete-events = Kompyuterlar yozgan maʼlumot qoladi, lekin endi hech kimga tegishli boʻlmaydi.
people-delete-credentials = Kartalar va yuz surati ham oʻchiriladi va terminallardan olinadi.
people-delete-instead = Ishdan ketgan xodimni faolsizlantirish mumkin: shunda tarixi oʻqishga ochiq qoladi.
people-delete-do = Oʻchirish: { $name }
people-delete-keep = Xodimni qoldirish

done-people-created = Qoʻshildi: { $name }
done-people-saved = Saqlandi: { $name }
done-people-deleted = Oʻchirildi: { $name }
done-people-moved = Oʻtkazildi: { $name }
done-people-activated = Yana faol: { $name }
done-people-deactivated = Endi faol emas: { $name }

error-field-required = Bu maydonni toʻldiring.
error-field-too-long = Juda uzun. Qisqartiring.
error-field-malformed = Koʻrinishi notoʻgʻri. Xato yoʻqligini tekshiring.
error-field-unknown = Bu endi mavjud emas. Qaytadan tanlang.
error-field-before-begin = Oxiri boshidan oldin.
error-personnel-number-taken = Bu raqam boshqa xodimda bor.
error-cursor-invalid = Roʻyxat oʻzgargan. Uni boshidan oching.
